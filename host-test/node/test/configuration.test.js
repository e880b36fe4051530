// What the engine hands over, as the component takes it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { acceptedConfiguration } from '../lib/configuration.js';

const SCHEMA = {
  additionalProperties: false,
  properties: {
    domain: { type: 'string' },
    clientId: { type: 'string' },
    clientSecret: { type: 'object', writeOnly: true },
    resources: { type: 'array', minItems: 1 },
    logTypes: { type: 'array', minItems: 1 },
  },
};
const SECRETS = [{ name: 'ID', value: 'the id' }, { name: 'SECRET', value: 'the secret' }];
const accepted = (given, schema = SCHEMA) => acceptedConfiguration(given, schema, SECRETS);

test('a key that the connector does not know fails no sync, and is named', () => {
  const { configuration, warnings } = accepted({ domain: 'a', logtypes: ['s'], note: 1, absent: undefined });
  assert.deepEqual(configuration, { domain: 'a' });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /does not know, and ignores: logtypes, note$/);
});

test('a connector that takes any key gets every key', () => {
  const { configuration, warnings } = accepted({ note: 1 }, { properties: {} });
  assert.deepEqual([configuration, warnings], [{ note: 1 }, []]);
});

test('an empty list of resources is every resource, and no other empty list is', () => {
  const { configuration, warnings } = accepted({ resources: [], logTypes: [] });
  assert.deepEqual(configuration, { logTypes: [] });
  assert.match(warnings[0], /^resources is empty .* leave it out/);
});

test('a secret as a plain value reaches the component as text, and the secret itself does not', () => {
  const given = { clientId: { $secret: 'ID' }, clientSecret: { $secret: 'SECRET' } };
  const { configuration, secrets, warnings } = accepted(given);
  assert.deepEqual(configuration, { clientId: 'the id', clientSecret: { $secret: 'SECRET' } });
  assert.deepEqual([secrets, warnings], [[SECRETS[1]], []]);
});
