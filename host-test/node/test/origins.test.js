// Where requests may go, without sending any.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isPublic } from '../lib/http/public_address.js';
import { Denial, Egress } from '../lib/origins/egress.js';
import { OriginPattern, allows } from '../lib/origins/pattern.js';

const DOMAIN = 'https://{/domain}';

test('an origin filled from the configuration is reached, and no other', () => {
  const egress = new Egress([DOMAIN], { domain: 'Acme.auth0.com' }, ['https://acme.auth0.com']);
  assert.deepEqual(egress.decide('https', 'acme.AUTH0.com'), { host: 'acme.auth0.com' });
  assert.deepEqual(egress.decide('https', 'acme.auth0.com:443'), { host: 'acme.auth0.com' });
  for (const other of [
    'auth0.com', 'x.acme.auth0.com', 'acme.auth0.com.evil.example', 'acme.auth0.com.', '', '0x7f.1', '127.0.0.1',
  ]) {
    assert.ok(egress.decide('https', other) instanceof Denial, other);
  }
});

test('a configuration cannot smuggle a port, a path or a user into an origin', () => {
  for (const domain of [
    'a.example:8443', 'a.example/path', 'u@a.example', 'a.example#', 'a.', 'é.example', '*.example', '127.0.0.1',
    '0x7f.1', '', 7, 'https://a.example:8443/', 'https://user@a.example', 'https://10.0.0.1', 'https://a\\@b.example', '://',
  ]) {
    const open = () => new Egress([DOMAIN], { domain }, []);
    assert.throws(open, /the configuration's \/domain/, String(domain));
  }
});

test('a manifest cannot declare what is no https host', () => {
  for (const origin of [
    'http://a.example', 'https://', 'https://a.example/', 'https://a.example:80', 'https://u@a.example', 'https://*',
    'https://*.example', 'https://a.*.example', 'https://a*.b.example', 'https://127.0.0.1', 'https://[::1]',
    'https://0x7f.1', 'https://a..example', 'https://{domain}', 'https://{/domain', 'https://{/domain}x.example',
    'https://{/domain}.7', 'https://{/domain|a/b}', 'https://{/domain|}',
  ]) {
    assert.throws(() => new OriginPattern(origin), /manifest's origin/, origin);
  }
});

test('a pattern means what the configuration holds, its default, or nothing', () => {
  const means = (pattern, configuration) => new OriginPattern(pattern).resolve(configuration)?.join('.');
  const url = { url: 'https://Grafana.acme.example/base?x=1' };
  assert.equal(means('https://{/url}', url), 'grafana.acme.example');
  assert.equal(means('https://api.{/site|Data.example}', {}), 'api.data.example');
  assert.equal(means('https://api.{/site|data.example}', { site: 'eu.example' }), 'api.eu.example');
  assert.equal(means('https://eu.*.{/a/b}.example', { a: { b: 'x' } }), 'eu.*.x.example');
  assert.equal(means('https://{/site}', {}), undefined);
  assert.equal(means('https://{/site}', { site: null }), undefined);
  assert.equal(allows(['a', '*', 'example'], 'a.b.example'), true);
  assert.equal(allows(['a', '*', 'example'], 'a.b.c.example'), false);
});

test('a component reaches no origin beyond its manifest, and none that it does not name', () => {
  const declared = ['https://*.ingest.example.com', 'https://{/site}'];
  const egress = (...named) => new Egress(declared, {}, named, { [declared[0]]: 'http://127.0.0.1:8080' });
  for (const beyond of [
    'https://ingest.example.com', 'https://a.b.ingest.example.com', 'https://eu.ingest.example.com.evil.example',
    'https://*.ingest.example.com', 'https://evil.example', 'http://eu.ingest.example.com',
    'https://eu.ingest.example.com:8443', '',
  ]) {
    assert.throws(() => egress(beyond), { kind: 'component', message: /names the origin/ }, beyond);
  }
  const open = egress('https://Eu.ingest.example.com');
  assert.equal(open.decide('https', 'eu.ingest.example.com').route.port, 8080);
  assert.ok(open.decide('https', 'us.ingest.example.com') instanceof Denial);
});

test('a route leads only to this machine, and only from what is declared', () => {
  const open = (routes) => new Egress([DOMAIN], { domain: 'a.example' }, ['https://a.example'], routes);
  const { route } = open({ [DOMAIN]: 'http://127.0.0.1:8080' }).decide('https', 'a.example');
  assert.deepEqual(route, { https: false, address: '127.0.0.1', port: 8080 });
  assert.ok(open({ 'https://a.example': 'https://[::1]' }).decide('https', 'a.example').route.https);
  for (const url of ['http://10.0.0.1', 'http://a.example', 'http://127.0.0.1/path', 'ftp://127.0.0.1', 'x']) {
    assert.throws(() => open({ [DOMAIN]: url }), /the route to/, url);
  }
  assert.throws(() => open({ 'https://b.example': 'http://127.0.0.1' }), /no origin/);
});

test('a public name that leads to a private address is not followed', () => {
  for (const inner of [
    '127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1',
    '255.255.255.255', '::1', '::', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:10.0.0.1', '::ffff:a00:1',
    '64:ff9b::a00:1', '64:ff9b::10.0.0.1', '2002:a00:1::', '2001::1', '2001:db8::1',
  ]) {
    assert.equal(isPublic(inner), false, inner);
  }
  for (const outer of ['1.1.1.1', '172.32.0.1', '2606:4700::1111', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1', '2002:101:101::']) {
    assert.equal(isPublic(outer), true, outer);
  }
});
