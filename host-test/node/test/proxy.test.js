// The proxies that the environment names, if Node's own client uses them.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';

import { auth0 } from './support/built.js';
import { root } from './support/installed.js';

const DOMAIN = 'acme.eu.auth0.com';

const SYNC = `
  import { createConnector } from ${JSON.stringify(join(root, 'host.js'))};
  import { MemoryStorage } from ${JSON.stringify(join(root, 'test/support/memory_storage.js'))};
  const Connector = await createConnector(${JSON.stringify(auth0)});
  const connector = new Connector({ domain: '${DOMAIN}', clientId: 'c' }, { clientSecret: { $secret: 'SECRET' } });
  await connector.sync({ mode: 'full' }, new MemoryStorage().handle());`;

/** The environment of a process that is to use a proxy. */
const environment = (proxy, more = {}) => ({
  ...process.env,
  SECRET: 'hunter2hunter2',
  HTTPS_PROXY: proxy,
  NO_PROXY: '',
  NODE_USE_ENV_PROXY: '1',
  ...more,
});

const isKnown = execFileSync(
  process.execPath,
  ['--print', "require('node:https').globalAgent.options.proxyEnv !== undefined"],
  { env: environment('http://127.0.0.1:1'), encoding: 'utf8' },
).startsWith('true');

describe('a proxy', { skip: !isKnown && 'this version of Node knows no NODE_USE_ENV_PROXY' }, () => {
  let proxy;
  const tunnels = [];

  before(async () => {
    proxy = http.createServer();
    proxy.on('connect', ({ url }, socket) => {
      tunnels.push(url);
      // The child is ended meanwhile.
      socket.on('error', () => {});
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      proxy.emit('tunnel');
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
  });

  after(() => proxy.close());

  test('of the environment receives the request for a tunnel, also where it is on this machine', async () => {
    const url = `http://127.0.0.1:${proxy.address().port}`;
    const words = ['--input-type=module', '--eval', SYNC];
    const requested = once(proxy, 'tunnel');
    const child = spawn(process.execPath, words, { env: environment(url), stdio: 'ignore' });
    const ended = once(child, 'exit');
    await Promise.race([requested, ended]);
    child.kill();
    await ended;
    assert.equal(tunnels[0], `${DOMAIN}:443`);
  });
});
