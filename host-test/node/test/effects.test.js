// What storing a batch does, effect by effect.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  day, edge, from, job, login, merge, ofDays, ofJobs, ofLinks, ofLogins, ofThings, ofWarmth, publish, removed, stage,
  thing, things, warmth, window,
} from './support/batches.js';
import { open } from './support/dying.js';
import { MemoryStorage } from './support/memory_storage.js';

/** A storage after these steps, and the storage of its connector. */
async function after(...steps) {
  const storage = new MemoryStorage();
  const kept = await open(storage);
  for (const [number, step] of steps.entries()) await kept.commit([step].flat(), String(number));
  return { storage, kept };
}

const versions = (storage) =>
  Object.fromEntries(storage.rows('entities', 'thing').map(({ id, attributes }) => [id, attributes.version]));
const starts = (storage, name = 'login') =>
  storage.rows('events', name).map((row) => row.start_ts).sort((one, other) => one - other);
const ends = (storage) =>
  storage.rows('edges', 'link').map((row) => `${row.from_id}>${row.to_id}@${row.updated_at}`).sort();
const own = (storage) => storage.tables.edges.filter(({ kind }) => kind.startsWith('test_connector_staged'));

const unscoped = { emptyIsTrue: true };
const scope = (start, end, more = {}) => ({ window: { start, end }, ...more });

test('a replacement by nothing is refused, and what is stored stays', async () => {
  const { storage, kept } = await after(
    ofThings(publish('0'), things(3, 1)),
    [ofLogins(merge, login('a', 1)), ofDays(merge, day(1, 1)), ofLinks(merge, edge('a', 'b')), ofWarmth(merge, warmth(1, 4))],
  );
  for (const none of [
    ofThings(publish('1'), []), ofLogins(publish('1')), ofDays(publish('1')), ofLinks(publish('1')), ofWarmth(publish('1')),
    ofLogins(publish('1', scope(0, 5))),
  ]) {
    await assert.rejects(kept.commit([none], 'a'), { kind: 'upstream', resource: none.resource });
  }
  assert.equal(Object.keys(versions(storage)).length, 3);
  assert.equal((await open(storage)).checkpoint, '1');
  // A window in which nothing was is no replacement.
  await kept.commit([ofLogins(publish('1', scope(5, 9)))], 'b');
  assert.deepEqual(starts(storage), [1]);
});

test('a list that is truly empty ends what was stored, and nothing beside its window', async () => {
  const { storage } = await after(
    [
      ofThings(publish('0'), things(3, 1)),
      ofLogins(merge, login('a', 1), login('b', 7)),
      ofDays(merge, day(1, 1), day(7, 1)),
      ofLinks(merge, edge('a', 'b')),
      ofWarmth(merge, warmth(1, 4)),
    ],
    [
      ofThings(publish('1', unscoped), []),
      ofLogins(publish('1', scope(0, 5, unscoped))),
      ofDays(publish('1', scope(0, 5, unscoped))),
      ofLinks(publish('1', unscoped)),
      ofWarmth(publish('1', unscoped)),
    ],
  );
  assert.deepEqual([versions(storage), ends(storage)], [{}, []]);
  assert.deepEqual(starts(storage), [7]);
  assert.deepEqual(storage.rows('metrics', 'days'), [day(7, 1)]);
  assert.deepEqual(storage.rows('distributions', 'warmth'), []);
});

test('a window of many pages is replaced at once and nothing beside it', async () => {
  const at = (start) => login(`e${start}`, start);
  const { storage, kept } = await after(
    ofLogins(merge, at(1), at(2), at(3), at(9)),
    ofLogins(stage('1'), at(2)),
  );
  assert.deepEqual(starts(storage), [1, 2, 3, 9]);
  await kept.commit([ofLogins(publish('1', scope(2, 5)), at(4))], 'a');
  assert.deepEqual(starts(storage), [1, 2, 4, 9]);
  // What was staged beside the window is in nobody's way, and not stored.
  await kept.commit([ofLogins(stage('2'), at(7))], 'b');
  const outside = kept.commit([ofLogins(publish('2', scope(2, 5)))], 'c');
  await assert.rejects(outside, { kind: 'component', message: /staged for login lie outside the window/ });
});

test('what is staged under another generation is dropped', async () => {
  const { storage, kept } = await after(
    ofThings(stage('1'), [thing('old')]),
    ofThings(stage('2'), [thing('new')]),
    ofThings(publish('2'), []),
  );
  assert.deepEqual(versions(storage), { new: 1 });
  await kept.commit([ofThings(stage('3'), [thing('never')])], 'a');
  await kept.commit([ofThings(publish('4'), [thing('newest')])], 'b');
  assert.deepEqual(versions(storage), { newest: 1 });
});

test('what changes or goes during a walk is not restored by its end', async () => {
  const { storage, kept } = await after(
    [ofThings(publish('0'), things(3, 1)), ofLinks(merge, edge('a', 'b'), edge('a', 'c'))],
    [ofThings(stage('1'), things(3, 2)), ofLinks(stage('1'), edge('a', 'b', 2), edge('a', 'c', 2))],
    [ofLogins(stage('1'), login('a', 1), login('b', 2)), ofDays(stage('1'), day(1, 1), day(2, 1))],
    [ofThings(merge, [thing(0, 3)]), removed('thing', '1', 'unknown'), ofDays(merge, day(2, 5), day(3, 5))],
    [removed('link', edge('a', 'b')), removed('login', 'a')],
  );
  assert.deepEqual(versions(storage), { 0: 3, 2: 1 });
  assert.deepEqual(ends(storage), ['a>c@1']);
  await kept.commit(
    [ofThings(publish('1'), []), ofLinks(publish('1')), ofLogins(publish('1')), ofDays(publish('1', scope(0, 2)))],
    'd',
  );
  assert.deepEqual(versions(storage), { 0: 3, 2: 2 });
  assert.deepEqual([ends(storage), starts(storage)], [['a>c@2'], [2]]);
  const days = storage.rows('metrics', 'days').map(({ ts, value }) => [ts, value]);
  assert.deepEqual(days.sort(), [[1, 1], [2, 5], [3, 5]]);
});

test('what is staged outlives a postponed run and no other', async () => {
  for (const [state, left] of [['postponed', 1], ['failed', 0], ['complete', 0]]) {
    const { storage, kept } = await after(
      ofThings(publish('0'), things(2, 1)),
      ofThings(stage('1'), things(1, 2)),
    );
    await kept.endRun('thing', { state }, 'end');
    assert.deepEqual(versions(storage), { 0: 1, 1: 1 });
    assert.equal(own(storage).length, left, state);
    assert.equal((await open(storage)).checkpoint, 'end');
  }
});

test('a window replaces its own samples and no others', async () => {
  const { storage } = await after(
    ofDays(window(0, 30), day(10, 1), day(20, 1), day(30, 1)),
    ofDays(window(20, 30), day(20, 2)),
  );
  assert.deepEqual(storage.rows('metrics', 'days'), [day(10, 1), day(20, 2)]);
});

test('a window of events replaces those that start in it, also where one was there under another time', async () => {
  const { storage } = await after(
    ofJobs(merge, job('a', 1, 'done'), job('b', 4, 'done'), job('c', 5, 'done'), job('d', 9, 'done')),
    ofJobs(window(4, 6), job('c', 5, 'failed'), job('d', 6, 'failed')),
  );
  const rows = storage.rows('events', 'job').map(({ start_ts: at, attributes }) => [at, attributes.eventId, attributes.status]);
  assert.deepEqual(rows.sort(), [[1, 'a', 'done'], [5, 'c', 'failed'], [6, 'd', 'failed']]);
});

test('a sample whose value or measure changed takes the place of the earlier one, and of no other dimension', async () => {
  const { storage } = await after(
    ofDays(merge, day(1, 1, { hours: 3 }), day(1, 7, { kind: 'signups' }), day(2, 1)),
    ofDays(merge, day(1, 2, { hours: 4 })),
  );
  assert.deepEqual(
    storage.rows('metrics', 'days').sort((one, other) => one.value - other.value),
    [day(2, 1), day(1, 2, { hours: 4 }), day(1, 7, { kind: 'signups' })],
  );
});

test('a distribution that is measured again is stored once for its time and dimensions', async () => {
  const { storage } = await after(
    ofWarmth(merge, warmth(1, 4), warmth(1, 9, 'harbour'), warmth(2, 5)),
    ofWarmth(merge, warmth(1, 6)),
    ofWarmth(window(2, 3), warmth(3, 7)),
  );
  const rows = storage.rows('distributions', 'warmth').sort((one, other) => one.data.sum - other.data.sum);
  assert.deepEqual(rows, [warmth(1, 6), warmth(3, 7), warmth(1, 9, 'harbour')]);
});

test('edges are replaced by their six columns, and those that the source no longer lists go', async () => {
  const { storage } = await after(
    ofLinks(merge, edge('a', 'b'), edge('a', 'c')),
    ofLinks(stage('1'), edge('a', 'b', 2)),
    ofLinks(publish('1'), edge('a', 'd', 2)),
  );
  assert.deepEqual(ends(storage), ['a>b@2', 'a>d@2']);
});

test('edges taken back go, and only those that start at the replaced nodes', async () => {
  const { storage } = await after(
    ofLinks(merge, edge('a', 'b'), edge('a', 'c'), edge('b', 'c'), edge('c', 'a')),
    ofLinks(from('a', 'c'), edge('a', 'b', 2), edge('a', 'd', 2)),
  );
  assert.deepEqual(ends(storage), ['a>b@2', 'a>d@2', 'b>c@1']);
});

test('an edge or an event that is removed goes, and no other', async () => {
  const { storage } = await after(
    [ofLinks(merge, edge('a', 'b'), edge('a', 'c')), ofLogins(merge, login('a', 1), login('b', 2))],
    [ofJobs(merge, job('a', 1, 'b'), job('b', 2, 'b')), removed('link', edge('a', 'b'), edge('z', 'z'))],
    [removed('login', 'b', 'unknown'), removed('job', 'b')],
  );
  assert.deepEqual([ends(storage), starts(storage), starts(storage, 'job')], [['a>c@1'], [1], [1]]);
});

test('what another program stored twice is there once when it returns', async () => {
  const storage = new MemoryStorage();
  const kept = await open(storage);
  for (const row of [login('a', 1).row, login('a', 1).row, login('b', 1).row]) await storage.handle().event(row);
  for (const row of [day(1, 1), day(1, 1), day(2, 1)]) await storage.handle().metric(row);
  await kept.commit([ofLogins(merge, login('a', 1)), ofDays(window(0, 1), day(1, 1))], 'a');
  assert.deepEqual(storage.rows('events', 'login').map(({ attributes }) => attributes.logId).sort(), ['a', 'b']);
  assert.deepEqual(storage.rows('metrics', 'days').sort((one, other) => one.ts - other.ts), [day(1, 1), day(2, 1)]);
});

test('what is stored as it is already is not written again', async () => {
  const steps = [
    ofThings(merge, things(3, 1)), ofLogins(merge, login('a', 1)), ofDays(window(0, 9), day(1, 1)), ofWarmth(merge, warmth(1, 4)),
  ];
  const { storage, kept } = await after(steps);
  const before = storage.writes.length;
  await kept.commit(steps, 'again');
  assert.deepEqual(storage.writes.slice(before).map(({ method }) => method), ['edge'], 'more than the checkpoint');
});
