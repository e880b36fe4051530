// The build without a thread, in Cloudflare's runtime: no Node, no file, no
// compiling at run time.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { hostile } from './support/built.js';
import { assertSame, contentByWasmtime, contentOf } from './support/content.js';
import { Gate } from './support/gate.js';
import { Installed, NAME, root } from './support/installed.js';
import { RATE, Tenant } from './support/tenant.js';
import { Workerd } from './support/workerd.js';

const run = promisify(execFile);
const SECRET = 'hunter2hunter2';

/** A module of this repository, as the text of an import names it. */
const of = (path) => JSON.stringify(join(root, path));

const AUTH0 = `
  import { Auth0Connector } from '${NAME}';
  import { serve } from ${of('test/support/sync_worker.js')};
  export default serve(() => Auth0Connector);`;

const HOSTILE = `
  import { Clock } from ${of('lib/clock.js')};
  import { connectorClass } from ${of('lib/connector_class.js')};
  import { importedBuild } from ${of('lib/packaged.js')};
  import { SuspendingComponent } from ${of('lib/suspending/component.js')};
  import { serve } from ${of('test/support/sync_worker.js')};
  import about from './manifest.js';

  const build = importedBuild(() => import('./suspending.js'), () => import('./modules.js'));
  const component = new SuspendingComponent(about, build);
  const http = { responseBody: 1 << 20 };
  export default serve(({ rate }) => connectorClass(component, { clock: new Clock(rate), http }));`;

describe('the connector in workerd', () => {
  let tenant;
  let installed;
  let workerd;

  before(async () => {
    tenant = await Tenant.start();
    installed = await Installed.create();
    workerd = await Workerd.start(AUTH0, installed.directory, tenant.url);
  });

  after(async () => {
    await workerd?.stop();
    await installed.remove();
    await tenant.stop();
  });

  const request = (more = {}) => {
    const { clientSecret, ...settings } = tenant.configuration;
    return { settings, creds: { clientSecret }, secret: tenant.secret, ...more };
  };

  test('stores what the wasmtime host stores, row by row', async () => {
    const { done, error, tables } = await workerd.sync(request());
    assert.deepEqual([done, error], [true, undefined]);
    assertSame(contentOf({ tables }), await contentByWasmtime(tenant));
  });

  test('needs nothing of Node, and none of the other build', () => {
    const { inputs } = workerd.metafile;
    const stray = Object.keys(inputs).filter((path) => /thread|node_exchange|cores\.js|node:/.test(path));
    assert.deepEqual(stray, []);
  });

  test('reports credentials that are refused, without them', async () => {
    const { error, lines } = await workerd.sync(request({ secret: SECRET }));
    assert.equal(error.kind, 'authentication');
    assert.ok(!JSON.stringify([error, lines]).includes(SECRET));
  });
});

describe('a hostile component in workerd', () => {
  let gate;
  let made;
  let workerd;

  before(async () => {
    gate = await Gate.open();
    made = await mkdtemp(join(tmpdir(), 'hostile-'));
    await run('npm', ['run', '--silent', 'make', '--', hostile, made], { cwd: root });
    workerd = await Workerd.start(HOSTILE, made, gate.url);
  });

  beforeEach(() => {
    gate.requests.length = 0;
  });

  after(async () => {
    await workerd?.stop();
    await gate.close();
    await rm(made, { recursive: true });
  });

  /** How a misdeed ends, and what was logged. */
  async function ends(misdeed, { abortAfter, rate = RATE, ...more } = {}) {
    const settings = { host: 'hostile.example', misdeed, secret: { $secret: 'SECRET' }, ...more };
    const result = await workerd.sync({ settings, secret: SECRET, rate, abortAfter });
    const { error, lines } = result;
    assert.ok(!JSON.stringify([error, lines]).includes(SECRET), 'a secret was reported');
    return result;
  }
  const requests = (more = {}) => ends('request', { scheme: 'https', authority: 'hostile.example', ...more });

  test('that requests another origin is denied', async () => {
    for (const [scheme, authority, why] of [
      ['https', 'evil.example', /declares only https:\/\/hostile\.example/],
      ['http', 'hostile.example', /only https is allowed/],
      ['https', '127.0.0.1', /IP address/],
    ]) {
      const { error } = await requests({ scheme, authority });
      assert.match(error.message, why);
      assert.equal(gate.requests.length, 0, `${scheme}://${authority} was requested`);
    }
  });

  test('reaches its origin, and is not led on by a redirect', async () => {
    gate.wrong = () => (_request, response) => void response.writeHead(200).end('hello');
    assert.match((await requests()).error.message, /status 200: hello/);
    assert.equal(gate.requests[0].host, 'hostile.example');
    gate.wrong = () => (_request, response) =>
      void response.writeHead(302, { location: 'https://hostile.example/elsewhere' }).end();
    assert.match((await requests()).error.message, /status 302/);
    assert.ok(!gate.requests.some(({ url }) => url === '/elsewhere'));
  });

  test('gets no more of a body than the limit', async () => {
    gate.wrong = () => (_request, response) => void response.writeHead(200).end(Buffer.alloc(2 << 20));
    assert.match((await requests()).error.message, /HttpResponseBodySize/);
  });

  test('gets an answer within its deadline or none', async () => {
    gate.wrong = () => () => undefined;
    const { error } = await requests({ rate: 200 });
    assert.match(error.message, /ConnectionReadTimeout/);
  });

  test('is ended by the signal in the middle of a request', async () => {
    let gone;
    const brokenOff = new Promise((resolve) => (gone = resolve));
    gate.wrong = () => (_request, response) => void response.on('close', gone);
    // On a busy machine the signal may fire before the request.
    for (let abortAfter = 300; gate.requests.length === 0; abortAfter *= 2) {
      const { done, error } = await requests({ abortAfter });
      // Not ended, it would fail at its deadline.
      assert.deepEqual([done, error], [false, undefined]);
    }
    await brokenOff;
  });

  for (const [misdeed, why] of Object.entries({
    'wrong-shape': /records are events/,
    'no-object': /not a JSON object/,
    late: /timestamp/,
    output: /more than 33554432 bytes/,
    'origin-beyond': /names the origin "https:\/\/evil\.example"/,
    'no-beginning': /`done` before a run of "event" had ended/,
    'large-checkpoint': /its checkpoint has 1048577 bytes, more than 1048576/,
    'secret-in-checkpoint': /holds the secret SECRET/,
    trap: /crashed/,
    recursion: /crashed/,
    memory: /crashed/,
    'nothing-for-ever': /steps in a row without a record/,
  })) {
    test(`that does ${misdeed} is stopped, and nothing of that step is stored`, async () => {
      const { error, tables } = await ends(misdeed);
      assert.equal(error.kind, 'component');
      assert.match(error.message, why);
      assert.equal(tables.events.length, 0);
    });
  }
});
