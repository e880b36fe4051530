// What a component cannot do, whatever it tries.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, test } from 'node:test';

import { createConnector } from '../host.js';
import { Clock } from '../lib/clock.js';
import { hostile } from './support/built.js';
import { Gate } from './support/gate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { RATE, engine } from './support/tenant.js';

describe('a hostile component', () => {
  let gate;
  let Connector;
  let storage;

  before(async () => {
    gate = await Gate.open();
    const routes = { 'https://{/host}': gate.url };
    const http = { responseBody: 1 << 20 };
    Connector = await createConnector(hostile, { routes, http, clock: new Clock(RATE) });
  });

  beforeEach(() => {
    storage = new MemoryStorage();
    gate.requests.length = 0;
  });

  after(() => gate.close());

  const SECRET = 'hunter2hunter2';

  /** How a misdeed ends, and what was logged. */
  async function ends(misdeed, { options, ...more } = {}) {
    const lines = [];
    const log = (event, fields) => lines.push({ event, fields });
    const settings = { host: 'hostile.example', misdeed, secret: { $secret: 'SECRET' }, ...more };
    const context = { secretsResolver: { resolve: () => SECRET }, logger: { info: log, warn: log } };
    const connector = new Connector(settings, undefined, context);
    let error;
    try {
      const results = await engine(connector, storage, options);
      error = results.find(({ transientError }) => transientError)?.transientError;
    } catch (thrown) {
      error = thrown;
    }
    assert.ok(!JSON.stringify(lines).includes(SECRET), 'a secret was logged');
    assert.ok(!String(error?.message).includes(SECRET), 'a secret was thrown');
    return { error, lines };
  }

  test('that requests another origin is denied, and the log says why', async () => {
    for (const [scheme, authority, why] of [
      ['https', 'evil.example', /declares only https:\/\/hostile\.example/],
      ['http', 'hostile.example', /only https is allowed/],
      ['https', 'hostile.example:8443', /have no port/],
      ['https', '127.0.0.1', /IP address/],
      ['https', '[::1]', /IP address/],
      ['https', 'user:word@hostile.example', /has a user name/],
      ['ftp', 'hostile.example', /only https is allowed/],
    ]) {
      const { error } = await ends('request', { scheme, authority });
      assert.match(error.message, why);
      assert.ok(!error.message.includes('word'));
      assert.equal(gate.requests.length, 0, `${scheme}://${authority} was requested`);
    }
  });

  test('that requests its origin reaches it, by the tenant’s own name', async () => {
    gate.wrong = () => (_request, response) => void response.writeHead(200).end('hello');
    const { error } = await ends('request', { scheme: 'https', authority: 'hostile.example' });
    assert.match(error.message, /status 200: hello/);
    assert.equal(gate.requests[0].host, 'hostile.example');
  });

  test('is not led on by a redirect', async () => {
    gate.wrong = () => (_request, response) =>
      void response.writeHead(302, { location: 'https://evil.example/' }).end();
    const { error } = await ends('request', { scheme: 'https', authority: 'hostile.example' });
    assert.match(error.message, /status 302/);
    assert.equal(new Set(gate.requests.map(({ url }) => url)).size, 1);
  });

  test('gets no more of a body than the limit', async () => {
    gate.wrong = () => (_request, response) => void response.writeHead(200).end(Buffer.alloc(2 << 20));
    const { error } = await ends('request', { scheme: 'https', authority: 'hostile.example' });
    assert.match(error.message, /HttpResponseBodySize/);
  });

  test('has no more requests under way than the limit', async () => {
    // No answer arrives before as many requests are under way as may be.
    const held = [];
    let most = 0;
    gate.wrong = () => (_request, response) => {
      held.push(response);
      most = Math.max(most, held.length);
      if (most < 64) return;
      // Those beyond the limit, if there are any, arrive in the meantime.
      setTimeout(() => {
        for (const answered of held.splice(0)) answered.writeHead(200).end();
      }, 20);
    };
    const { error } = await ends('thousand-requests');
    assert.match(error.message, /64 requests were under way already/);
    assert.equal(most, 64);
  });

  for (const [misdeed, why] of Object.entries({
    'unknown-resource': /no such resource/,
    'wrong-shape': /records are events/,
    'wrong-effect': /cannot replace from nodes; they can only merge/,
    'no-object': /not a JSON object/,
    late: /timestamp/,
    early: /timestamp/,
    nan: /not finite/,
    output: /more than 33554432 bytes/,
    'configured-more': /the resource "elsewhere", which its manifest does not have/,
    'origin-beyond': /names the origin "https:\/\/evil\.example"/,
    'no-beginning': /`done` before a run of "event" had ended/,
    'no-run': /no run of "event" is under way/,
    'auto-run': /began in mode auto/,
    'begin-again': /a run of "event" began within a run of it/,
    'large-checkpoint': /its checkpoint has 1048577 bytes, more than 1048576/,
    'secret-in-checkpoint': /holds the secret SECRET/,
    trap: /crashed/,
    recursion: /crashed/,
    memory: /crashed/,
    'nothing-for-ever': /steps in a row without a record/,
    'warn-for-ever': /steps in a row without a record/,
    'rest-for-ever': /steps in a row without a record/,
  })) {
    test(`that does ${misdeed} is stopped, and nothing of that step is stored`, async () => {
      const { error } = await ends(misdeed);
      assert.equal(error.kind, 'component');
      assert.match(error.message, why);
      assert.equal(storage.tables.events.length, 0);
    });
  }

  test('that runs what is not wanted is stopped', async () => {
    const { error } = await ends('unwanted-run', { options: { resources: ['event'] } });
    assert.match(error.message, /a run of "metric" began, which is not wanted/);
  });

  test('that passes a resumed run for the requested one is stopped, and its records stay', async () => {
    const { error } = await ends('resumed-alone');
    assert.match(error.message, /resumed run of "event", without the requested one/);
    assert.equal(storage.tables.events.length, 1);
  });

  test('that carries on an earlier run and then does what is requested is done', async () => {
    const { error, lines } = await ends('resumed');
    assert.equal(error, undefined);
    const done = lines.filter(({ event }) => event === 'resource done');
    assert.deepEqual(done.map(({ fields }) => fields.resource), ['event', 'event', 'entity', 'metric']);
    assert.equal(storage.tables.events.length, 1);
  });

  for (const [misdeed, state, wanted] of [
    ['postponed', 'postponed', { kind: 'wait', retryAfter: 90_000, message: /^entity .* 503; sync again at \d/ }],
    ['resource-failed', 'failed', { kind: 'permission', retryAfter: undefined, message: /read:entities/ }],
  ]) {
    test(`of which one resource has ${state} keeps what it read of the others, and the one is named`, async () => {
      const { error, lines } = await ends(misdeed);
      assert.deepEqual([error.kind, error.resource, error.retryAfter], [wanted.kind, 'entity', wanted.retryAfter]);
      assert.match(error.message, wanted.message);
      assert.deepEqual(error.resources.map((each) => [each.name, each.state]), [['entity', state]]);
      const reported = (name) => lines.filter(({ event }) => event === name).map(({ fields }) => fields.resource);
      assert.deepEqual([reported('resource done'), reported('fetch page failed')], [['event', 'metric'], ['entity']]);
      assert.equal(storage.tables.events.length, 1);
      const [checkpoint] = storage.rows('edges', 'hostile_connector_checkpoint');
      assert.equal(checkpoint.attributes.checkpoint, '0', 'the one after `done`');
    });
  }

  test('that waits longer than a sync lasts ends it with the time to return, and why', async () => {
    const { error } = await ends('long-wait');
    assert.deepEqual([error.kind, error.retryAfter], ['wait', 600_000]);
    assert.match(error.message, /for 600 s, longer than the 300 s of a sync \(the connection was refused\): sync again at/);
  });

  test('that repeats a secret is reported without it', async () => {
    const { error } = await ends('secret-in-failure');
    assert.match(error.message, /\[SECRET\]/);
  });

  test('that returns an event without its id among the attributes stores it once', async () => {
    await ends('');
    await ends('');
    assert.deepEqual(storage.rows('events', 'event'), [
      { name: 'event', start_ts: 1, end_ts: null, attributes: { eventId: 'good' } },
    ]);
  });
});

test('a file that is no connector is refused with what to do', async () => {
  const cases = [
    ['/no/such.wasm', /cannot be read \(ENOENT\)/],
    [Buffer.from('not wasm'), /is not a WebAssembly component/],
    [await readFile(new URL('../package.json', import.meta.url)), /is not a WebAssembly component/],
  ];
  for (const [component, why] of cases) await assert.rejects(createConnector(component), why);
});
