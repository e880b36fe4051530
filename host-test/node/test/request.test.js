// What the engine's options become.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { requestOf } from '../lib/request.js';

const resource = (name, setting, shape) => ({ name, setting, shape });
const about = {
  resources: [
    resource('auth0_user', 'users', 'entity'),
    resource('auth0_login_event', 'login_events', 'event'),
    resource('auth0_daily_active_users', 'daily_active_users', 'metric'),
  ],
};
const SINCE = '2026-01-31T00:00:00.000Z';
const of = (options, configured) => requestOf(options, about, configured);

test('a full sync with a window begins events there, and deletes nothing outside', () => {
  const { request } = of({ mode: 'full', since: SINCE });
  assert.deepEqual(request, { mode: 'auto', since: Date.parse(SINCE), resources: [] });
});

test('the last sync is no bound: the checkpoint knows where events go on', () => {
  assert.equal(of({ mode: 'latest', since: SINCE }).request.since, undefined);
});

test('a widget over all events outweighs the windows of the others', () => {
  const day = 86_400_000;
  const specs = (events) => ({ auth0_login_event: events, auth0_user: [{}] });
  const since = (events) =>
    of({ mode: 'full', since: SINCE, fetchSpecs: specs(events) }).request.since;
  assert.equal(since([{ requiredWindowMs: day }, { filter: [] }]), undefined);
  assert.equal(since([{ requiredWindowMs: day }]), Date.parse(SINCE));
});

test('a time that cannot be read is none', () => {
  assert.equal(of({ mode: 'full', since: 'yesterday' }).request.since, undefined);
});

test('resources are taken by either name, and only those that the configuration allows', () => {
  const asked = { mode: 'full', resources: new Set(['auth0_user', 'daily_active_users', 'other']) };
  assert.deepEqual(of(asked), {
    request: { mode: 'auto', since: undefined, resources: ['auth0_user', 'auth0_daily_active_users'] },
    unknown: ['other'],
  });
  const { request, unknown } = of(asked, ['users']);
  assert.deepEqual(request.resources, ['auth0_user']);
  assert.deepEqual(unknown, ['daily_active_users', 'other']);
});

test('no resource of the connector means none, not all', () => {
  assert.equal(of({ mode: 'full', resources: new Set(['other']) }).request, undefined);
  assert.equal(of({ mode: 'full', resources: new Set() }).request, undefined);
});
