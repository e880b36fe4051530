// What exchanges report to the component's thread, as few messages.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Bundles } from '../lib/thread/bundles.js';

const bytes = (text) => new TextEncoder().encode(text);
const head = { status: 200, headers: [] };

test('a response is one message, with its parts in order, and takes no buffer from others', () => {
  const sent = [];
  const bundles = new Bundles((message, transferred) => sent.push([message, transferred]));
  const pool = bytes('abcd');
  bundles.add({ id: 1, head });
  bundles.add({ id: 1, data: pool.subarray(0, 2) });
  bundles.add({ id: 2, error: { tag: 'connection-refused' } });
  bundles.add({ id: 1, data: pool.subarray(2) });
  bundles.add({ id: 1, end: true });
  const [, [{ data }, transferred]] = sent;
  assert.deepEqual(sent.map(([message]) => message), [
    { id: 2, error: { tag: 'connection-refused' } },
    { id: 1, head, data: bytes('abcd'), end: true },
  ]);
  assert.deepEqual(transferred, [data.buffer]);
  assert.notEqual(data.buffer, pool.buffer);
});

test('what arrived before a connection broke is not lost', () => {
  const sent = [];
  const bundles = new Bundles((message) => sent.push(message));
  bundles.add({ id: 1, head });
  bundles.add({ id: 1, data: bytes('ab') });
  bundles.add({ id: 1, error: { tag: 'HTTP-response-incomplete' } });
  assert.deepEqual(sent, [{ id: 1, head, data: bytes('ab'), error: { tag: 'HTTP-response-incomplete' } }]);
});

test('a server that stops in between does not keep what it sent from the component', async () => {
  const arrived = new Promise((resolve) => {
    const bundles = new Bundles(resolve);
    bundles.add({ id: 1, head });
    bundles.add({ id: 1, data: bytes('ab') });
  });
  assert.deepEqual(await arrived, { id: 1, head, data: bytes('ab') });
});

test('a large body is not gathered whole', () => {
  const sent = [];
  const bundles = new Bundles((message) => sent.push(message.data.byteLength));
  for (let part = 0; part < 4; part += 1) bundles.add({ id: 1, data: new Uint8Array(64 << 10) });
  assert.deepEqual(sent, [128 << 10, 128 << 10]);
});
