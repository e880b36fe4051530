// The shapes of Auth0's responses, with which rawdash detects drift.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';

import { resources, schemas } from '../index.js';
import { Tenant } from './support/tenant.js';

const api = new URL('../../../src/auth0/src/api/', import.meta.url);

const source = (file) => readFile(new URL(file, api), 'utf8');
/** The names that a pattern finds in a text. */
const found = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name);

/** The members that the connector's core reads of each row in a file. */
async function read(file) {
  const rows = (await source(file)).matchAll(/^row! \{.*?struct (\w+) \{(.*?)\n {4}\}/gms);
  return Object.fromEntries([...rows].map(([, name, body]) => [name, found(body, /: "(\w+)"/g).sort()]));
}

const names = (schema) => Object.keys(schema.shape).sort();

test('the shapes have the members that the connector reads, and no others', async () => {
  const user = schemas.users.shape.users.element;
  const { Envelope, ...rows } = await read('user.rs');
  assert.deepEqual(rows, { UserRow: names(user) });
  const text = await source('user.rs');
  const list = found(text, /read_listing::<.*>\(body, "(\w+)"\)/g);
  assert.deepEqual([...Envelope, ...list].sort(), names(schemas.users));
  const identity = user.shape.identities.unwrap().unwrap().element;
  assert.deepEqual(found(text, /member\(first\?, "(\w+)"\)/g), names(identity));
  assert.deepEqual(await read('log.rs'), { LogRow: names(schemas.logs.element) });
  assert.deepEqual(await read('daily.rs'), { DailyRow: names(schemas.daily_stats.element) });
});

describe('a tenant', () => {
  let tenant;
  before(async () => {
    tenant = await Tenant.start();
  });
  after(() => tenant.stop());

  const request = (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const lines = { host: tenant.info.domain, 'content-type': 'application/json', ...headers };
      const options = { method, headers: lines };
      const sent = http.request(tenant.url + path, options, (response) => resolve(json(response)));
      sent.on('error', reject).end(body);
    });

  test('answers in the shapes, each of which belongs to a resource', async () => {
    const { domain, client_id, client_secret } = tenant.info;
    const audience = `https://${domain}/api/v2/`;
    const grant = { grant_type: 'client_credentials', client_id, client_secret, audience };
    const { access_token: token } = await request('POST', '/oauth/token', {}, JSON.stringify(grant));
    const get = (path) => request('GET', `/api/v2/${path}`, { authorization: `Bearer ${token}` });
    const { users, ...page } = await get('users?include_totals=true&per_page=100');
    const answers = {
      users: [users, schemas.users.shape.users.element, (rows) => ({ ...page, users: rows })],
      logs: [await get('logs?take=100'), schemas.logs.element, (rows) => rows],
      daily_stats: [
        await get('stats/daily?from=20260201&to=20260301'),
        schemas.daily_stats.element,
        (rows) => rows,
      ],
    };
    for (const [name, [rows, schema, answer]] of Object.entries(answers)) {
      // Some rows of the simulated tenant are damaged on purpose.
      const whole = rows.filter((row) => schema.safeParse(row).success);
      assert.ok(rows.length > 10 && whole.length > rows.length / 2, `${whole.length} of ${name}`);
      schemas[name].parse(answer(whole));
    }
    const responses = Object.assign({}, ...Object.values(resources).map((each) => each.responses));
    assert.deepEqual(responses, schemas);
  });
});
