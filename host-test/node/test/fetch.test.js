// The build without a thread, in Node: it needs one that can suspend WebAssembly.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Clock } from '../lib/clock.js';
import { fetchExchanges } from '../lib/http/fetch_exchange.js';
import { HTTP } from '../lib/limits.js';
import { assertSame, contentByWasmtime, contentOf } from './support/content.js';
import { Installed, NAME, root } from './support/installed.js';
import { Tenant } from './support/tenant.js';

const of = (path) => JSON.stringify(join(root, path));

/** `fetch` that leads everything to a server on this machine, by the origin's name. */
const leadingTo = (url) => `
  import http from 'node:http';
  import { buffer } from 'node:stream/consumers';
  globalThis.fetch = (url, { method, headers, body }) => new Promise((resolve, reject) => {
    const { host, pathname, search } = new URL(url);
    const lines = { ...Object.fromEntries(headers), host };
    const request = http.request('${url}' + pathname + search, { method, headers: lines }, async (response) => {
      const { statusCode: status, headers: { 'transfer-encoding': framing, ...rest } } = response;
      resolve(new Response(await buffer(response), { status, headers: rest }));
    });
    request.on('error', reject).end(body);
  });`;

const sync = (request) => `
  import { Auth0Connector } from '${NAME}/fetch';
  import { serve } from ${of('test/support/sync_worker.js')};
  const { fetch } = serve(() => Auth0Connector);
  const request = new Request('http://here', { method: 'POST', body: ${JSON.stringify(JSON.stringify(request))} });
  console.log(await (await fetch(request)).text());`;

/** The options with which this Node can suspend WebAssembly. */
const able = [[], ['--experimental-wasm-jspi']].find((words) => {
  const probe = [...words, '--print', "'Suspending' in WebAssembly"];
  return spawnSync(process.execPath, probe, { encoding: 'utf8' }).stdout.startsWith('true');
});

describe('the build without a thread', () => {
  let tenant;
  let installed;

  before(async () => {
    tenant = await Tenant.start();
    installed = await Installed.create();
  });

  after(async () => {
    await installed.remove();
    await tenant.stop();
  });

  const synced = async (words) => {
    const { clientSecret, ...settings } = tenant.configuration;
    const request = { settings, creds: { clientSecret }, secret: tenant.secret };
    const { stdout } = await installed.run(leadingTo(tenant.url) + sync(request), { words });
    return JSON.parse(stdout);
  };

  const without = able === undefined && 'this version of Node cannot suspend WebAssembly';

  test('stores in Node what the wasmtime host stores', { skip: without }, async () => {
    const { done, error, tables } = await synced(able);
    assert.deepEqual([done, error], [true, undefined]);
    assertSame(contentOf({ tables }), await contentByWasmtime(tenant));
  });

  const always = able?.length === 0 && 'this version of Node always can';

  test('says so where WebAssembly cannot be suspended', { skip: always }, async () => {
    const { error } = await synced([]);
    assert.equal(error.kind, 'component');
    assert.match(error.message, /JavaScript Promise Integration/);
  });
});

test('a response that fetch has inflated is read, whatever coding its headers still name', async () => {
  const text = '{"users":[]}';
  for (const coding of ['br', 'gzip', 'deflate', 'zstd']) {
    const headers = { 'content-encoding': coding, 'content-length': '7', 'x-page': '1' };
    const exchanges = fetchExchanges(async () => new Response(Buffer.from(text), { headers }));
    const messages = [];
    await new Promise((over) => {
      const deliver = (message) => messages.push(message);
      const exchange = exchanges.create({ limits: HTTP, clock: new Clock(), deliver, over });
      const request = { method: 'GET', path: '/', headers: [], body: new Uint8Array() };
      exchange.begin(request, { host: 'acme.example' });
    });
    const [{ head }, { data }, ...last] = messages;
    assert.deepEqual([head, last], [{ status: 200, headers: [['x-page', '1']] }, [{ end: true }]], coding);
    assert.equal(Buffer.from(data).toString(), text);
  }
});
