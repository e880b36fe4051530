// What rawdash's registry and tools read of the class.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { before, test } from 'node:test';

import { createConnector } from '../host.js';
import { auth0 } from './support/built.js';

let Connector;
before(async () => {
  Connector = await createConnector(auth0);
});

const GOOD = { domain: 'acme.eu.auth0.com', clientId: 'id', clientSecret: { $secret: 'NAME' } };

test('a configuration that named the npm connector is accepted unchanged', () => {
  for (const more of [{}, { resources: ['users'] }, { statsLookbackDays: 7 }, { domain: 'A.AUTH0.com' }]) {
    const configuration = { ...GOOD, ...more };
    assert.deepEqual(Connector.configFields.parse(configuration), configuration);
  }
});

test('a secret as plain text, a URL as domain and an empty list are refused', () => {
  for (const more of [
    { clientSecret: 'secret' },
    { clientSecret: { $secret: '' } },
    { domain: 'https://acme.auth0.com' },
    { domain: 'acme.example' },
    { resources: [] },
    { resources: ['everything'] },
    { statsLookbackDays: 0 },
    { statsLookbackDays: 1.5 },
    { clientId: undefined },
  ]) {
    assert.equal(Connector.configFields.safeParse({ ...GOOD, ...more }).success, false, JSON.stringify(more));
  }
});

test('a key that the connector does not know is left out, as the npm connector does', () => {
  assert.deepEqual(Connector.configFields.parse({ ...GOOD, unknown: 1 }), GOOD);
});

test('the fields give a form their labels, and which is a secret', () => {
  const { domain, clientSecret, statsLookbackDays } = Connector.configFields.shape;
  assert.equal(domain.meta().label, 'Domain');
  assert.equal(clientSecret.meta().secret, true);
  assert.equal(domain.meta().secret, undefined);
  assert.equal(statsLookbackDays.meta().placeholder, '30');
});

test('the engine hands the secret over apart, and it is written back as its reference', () => {
  assert.deepEqual(Object.keys(Connector.credentials), ['clientSecret']);
  assert.equal(Connector.credentials.clientSecret.auth, 'required');
  const { clientSecret, ...settings } = GOOD;
  const connector = new Connector({ ...settings, resources: undefined }, { clientSecret });
  assert.equal(connector.id, 'auth0');
  assert.deepEqual(connector.credentials, Connector.credentials);
  assert.deepEqual(connector.serializeConfig(), GOOD);
});

test('every resource has what rawdash requires of its shape', () => {
  const { auth0_user: users, auth0_login_event: events, auth0_daily_active_users: days } = Connector.resources;
  assert.deepEqual(Object.keys(Connector.resources).length, 3);
  for (const resource of [users, events, days]) {
    assert.ok(resource.description.length > 0 && resource.endpoint.startsWith('GET /api/v2/'));
    assert.match(resource.notes, /read:/);
  }
  assert.equal(users.shape, 'entity');
  assert.deepEqual(
    users.fields.map(({ name }) => name),
    ['email', 'identityProvider', 'lastLogin', 'loginsCount', 'blocked', 'createdAt'],
  );
  assert.deepEqual([events.shape, events.filterable], ['event', []]);
  assert.deepEqual([days.shape, days.unit, days.granularity], ['metric', 'count', '1d']);
  assert.deepEqual(days.dimensions.map(({ name }) => name), ['kind']);
  assert.deepEqual(Connector.schemas, {});
  assert.equal(Connector.id, 'auth0');
  assert.equal(Connector.doc.displayName, 'Auth0');
});

test('a component is taken as path, URL and bytes', async () => {
  const bytes = await readFile(auth0);
  for (const component of [pathToFileURL(auth0), pathToFileURL(auth0).href, bytes, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)]) {
    assert.equal((await createConnector(component)).id, 'auth0');
  }
});
