// What the engine's options become.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { wantsOf } from '../lib/request.js';

const resource = (name, setting, shape, filterable = []) => ({ name, setting, shape, filterable });
const ALLOWED = [
  resource('auth0_user', 'users', 'entity'),
  resource('auth0_login_event', 'login_events', 'event'),
  resource('auth0_daily_active_users', 'daily_active_users', 'metric'),
];
const SINCE = '2026-01-31T00:00:00.000Z';
const DAY = 86_400_000;
const NOW = Date.parse('2026-04-01T12:00:00Z');
const of = (options, allowed = ALLOWED, known = {}) =>
  wantsOf({ fetchSpecs: {}, ...options }, allowed, { now: NOW, bounds: {}, begun: [], ...known });
const sinces = (options) =>
  Object.fromEntries(of(options).wants.map(({ resource: name, since }) => [name, since]));

test('a full sync with a window begins there, and nothing requests a deletion outside of it', () => {
  const { wants } = of({ mode: 'full', since: SINCE });
  assert.deepEqual(wants[1], {
    resource: 'auth0_login_event',
    mode: 'auto',
    since: Date.parse(SINCE),
    conditions: [],
  });
  assert.deepEqual(wants.map(({ since }) => since), Array(3).fill(Date.parse(SINCE)));
});

test('the last sync is no bound: the checkpoint knows where events go on', () => {
  assert.deepEqual(Object.values(sinces({ mode: 'latest', since: SINCE })), [undefined, undefined, undefined]);
});

test('a widget with a longer window is not left short until the next full sync', () => {
  const fetchSpecs = { auth0_login_event: [{ requiredWindowMs: 90 * DAY }], auth0_user: [{}] };
  const since = sinces({ mode: 'latest', since: SINCE, fetchSpecs });
  assert.equal(since.auth0_login_event, NOW - 91 * DAY);
  assert.equal(since.auth0_user, undefined);
  assert.equal(since.auth0_daily_active_users, undefined);
});

test('a widget over all events gets those before the window that was read', () => {
  const fetchSpecs = { auth0_login_event: [{}, { requiredWindowMs: DAY }], auth0_user: [{}] };
  const bounds = { auth0_login_event: 17, auth0_user: 17 };
  const [user, event, days] = of({ mode: 'latest', fetchSpecs }, ALLOWED, { bounds }).wants;
  assert.deepEqual([user.since, event.since, days.since], [undefined, 0, undefined]);
});

test('a person’s full is full, and the one of the scheduler reads no log again', () => {
  const modes = (options, known) => of(options, ALLOWED, known).wants.map(({ mode }) => mode);
  assert.deepEqual(modes({ mode: 'full', fetchSpecs: undefined }), ['full', 'full', 'full']);
  assert.deepEqual(modes({ mode: 'latest', fetchSpecs: undefined }), ['auto', 'auto', 'auto']);
  for (const fetchSpecs of [{}, { auth0_user: [{}] }]) {
    assert.deepEqual(modes({ mode: 'full', fetchSpecs }), ['auto', 'auto', 'auto']);
  }
});

test('a full run that an earlier call has begun is carried on, not begun again for ever', () => {
  const { wants } = of({ mode: 'full', fetchSpecs: undefined }, ALLOWED, { begun: ['auth0_user'] });
  assert.deepEqual(wants.map(({ mode }) => mode), ['auto', 'full', 'full']);
});

test('a widget over all events outweighs the windows of the others, and of no other resource', () => {
  const fetchSpecs = {
    auth0_login_event: [{ requiredWindowMs: DAY }, { filter: [] }],
    auth0_daily_active_users: [{ requiredWindowMs: DAY }],
  };
  const since = sinces({ mode: 'full', since: SINCE, fetchSpecs });
  assert.equal(since.auth0_login_event, undefined);
  assert.equal(since.auth0_daily_active_users, Date.parse(SINCE));
});

test('a resource with short windows is not read as far back as the longest of another reaches', () => {
  const fetchSpecs = {
    auth0_login_event: [{ requiredWindowMs: DAY }, { requiredWindowMs: 7 * DAY }],
    auth0_daily_active_users: [{ requiredWindowMs: 30 * DAY }],
  };
  const since = sinces({ mode: 'full', since: SINCE, fetchSpecs });
  assert.equal(since.auth0_daily_active_users, Date.parse(SINCE));
  assert.equal(since.auth0_login_event, Date.parse(SINCE) + 23 * DAY);
  assert.equal(since.auth0_user, Date.parse(SINCE), 'of which nothing is known');
});

test('a time that cannot be read is none', () => {
  assert.equal(sinces({ mode: 'full', since: 'yesterday' }).auth0_user, undefined);
});

test('resources are taken by either name, and only those that the configuration allows', () => {
  const requested = { mode: 'full', resources: new Set(['auth0_user', 'daily_active_users', 'other']) };
  const names = ({ wants, unknown }) => [wants.map((want) => want.resource), unknown];
  assert.deepEqual(names(of(requested)), [['auth0_user', 'auth0_daily_active_users'], ['other']]);
  assert.deepEqual(names(of(requested, ALLOWED.slice(0, 1))), [['auth0_user'], ['daily_active_users', 'other']]);
});

test('two resources of one setting are both read, also where both are named', () => {
  const allowed = [resource('pull', 'pulls', 'entity'), resource('review', 'pulls', 'edge'), resource('run', undefined, 'event')];
  const wanted = (...resources) => of({ mode: 'full', resources }, allowed).wants.map((want) => want.resource);
  assert.deepEqual(wanted('pulls', 'pull'), ['pull', 'review']);
  assert.deepEqual(wanted('run'), ['run']);
});

test('an empty set of resources is every resource, as no set is', () => {
  for (const resources of [undefined, null, new Set()]) {
    const { wants, unknown } = of({ mode: 'full', resources });
    assert.deepEqual([wants.length, unknown], [3, []]);
  }
});

test('no resource of the connector means none, not all', () => {
  assert.deepEqual(of({ mode: 'full', resources: new Set(['other']) }).wants, []);
});

test('a window under the name of the setting counts as well', () => {
  const fetchSpecs = { users: [{ requiredWindowMs: DAY }], auth0_login_event: [{ requiredWindowMs: 2 * DAY }] };
  const since = sinces({ mode: 'full', since: SINCE, fetchSpecs });
  assert.equal(since.auth0_user, Date.parse(SINCE) + DAY);
});

describe('the filters of widgets become conditions', () => {
  const filterable = [
    { field: 'branch', ops: ['eq', 'neq'], values: [] },
    { field: 'status', ops: ['eq'], values: ['queued', 'done'] },
    { field: 'draft', ops: ['eq'], values: [] },
  ];
  const run = resource('run', 'runs', 'event', filterable);
  const conditions = (...filters) => {
    const fetchSpecs = { run: filters.map((filter) => ({ filter })) };
    return of({ mode: 'latest', fetchSpecs }, [run]).wants[0].conditions;
  };
  const eq = (field, value) => ({ field, op: 'eq', value });
  const main = eq('branch', 'main');

  test('a filter that every widget has is one, with the values of all', () => {
    assert.deepEqual(conditions([main]), [{ field: 'branch', op: 'eq', values: ['main'] }]);
    assert.deepEqual(conditions([main], [eq('branch', 'next'), eq('draft', false)], [main]), [
      { field: 'branch', op: 'eq', values: ['main', 'next'] },
    ]);
    assert.deepEqual(conditions([eq('draft', false), main]), [
      { field: 'draft', op: 'eq', values: ['false'] },
      { field: 'branch', op: 'eq', values: ['main'] },
    ]);
  });

  test('alternatives of one field are its values', () => {
    assert.deepEqual(conditions([{ or: [main, eq('branch', 'next')] }]), [
      { field: 'branch', op: 'eq', values: ['main', 'next'] },
    ]);
  });

  test('no widget loses a row because of the filter of another', () => {
    for (const filters of [
      [],
      [[main], []],
      [[main], undefined],
      [[main], [eq('draft', true)]],
      [[main], [{ field: 'branch', op: 'neq', value: 'main' }]],
      [[{ or: [main, eq('draft', true)] }]],
      [[{ or: [] }]],
    ]) {
      assert.deepEqual(conditions(...filters), [], JSON.stringify(filters));
    }
  });

  test('the source filters only by what the manifest says that it can', () => {
    for (const clause of [
      eq('actor', 'somebody'),
      { field: 'branch', op: 'contains', value: 'm' },
      eq('status', 'lost'),
      eq('branch', null),
      eq('branch', ['main']),
    ]) {
      assert.deepEqual(conditions([clause]), [], JSON.stringify(clause));
    }
  });
});
