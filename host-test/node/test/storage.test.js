// What a crash between two calls of the storage leaves behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  day, job, login, merge, ofDays, ofJobs, ofLogins, ofThings, publish, removed, stage, thing, things, window,
} from './support/batches.js';
import { dyingAtEachWrite, open } from './support/dying.js';
import { MemoryStorage } from './support/memory_storage.js';

const versions = (storage) =>
  Object.fromEntries(storage.rows('entities', 'thing').map(({ id, attributes }) => [id, attributes.version]));

/** A storage with things in it. */
async function holding(rows) {
  const storage = new MemoryStorage();
  await (await open(storage)).commit([ofThings(publish('0'), rows)], 'held');
  return storage;
}

test('a replacement is out of readers’ sight until it is whole', async () => {
  const storage = await holding(things(3, 1));
  const kept = await open(storage);
  await kept.commit([ofThings(stage('1'), [thing(0, 2), thing(7, 2)])], 'a');
  assert.deepEqual(versions(storage), { 0: 1, 1: 1, 2: 1 });
  await kept.commit([ofThings(publish('1'), [thing(1, 2)])], 'b');
  assert.deepEqual(versions(storage), { 0: 2, 1: 2, 7: 2 });
  assert.deepEqual(storage.tables.edges.map(({ kind }) => kind), ['test_connector_checkpoint']);
});

test('a replacement that dies at any write is whole in the end, and has no ghost', async () => {
  // What the first try of a page saw need not be what the second sees.
  let seen = 0;
  const page = (...ids) => ({ get rows() {
    seen += 1;
    return [...ids.map((id) => thing(id, 2)), thing(`ghost-${seen}`, 2)];
  } });
  const step = (checkpoint, effect, source) => ({
    checkpoint,
    get batches() {
      return [ofThings(effect, source.rows)];
    },
  });
  const steps = [
    step('a', stage('1'), page(0, 1)),
    step('b', stage('1'), page(2, 3)),
    step('c', publish('1'), page(4)),
  ];
  await dyingAtEachWrite(() => holding(things(6, 1)), steps, (storage, nth) => {
    const { 5: gone, ...ids } = versions(storage);
    assert.equal(gone, undefined);
    const ghosts = Object.keys(ids).filter((id) => id.startsWith('ghost'));
    assert.equal(ghosts.length, 3, `at write ${nth}: ${ghosts}`);
    assert.equal(Object.keys(ids).length, 8);
  });
});

test('a page whose checkpoint was not written counts for nothing, also where it does not return', async () => {
  const storage = await holding([]);
  const kept = await open(storage);
  await kept.commit([ofThings(stage('1'), [thing('here')])], 'a');
  const number = storage.writes.length;
  storage.before = (nth) => {
    if (nth === number + 2) throw new Error('died');
  };
  await assert.rejects(kept.commit([ofThings(stage('1'), [thing('ghost')])], 'b'), /died/);
  await (await open(storage)).commit([ofThings(publish('1'), [thing('there')])], 'c');
  assert.deepEqual(versions(storage), { here: 1, there: 1 });
});

test('after the signal not one write is tried', async () => {
  const storage = new MemoryStorage();
  const end = new AbortController();
  const kept = await open(storage, end.signal);
  end.abort();
  await assert.rejects(kept.commit([ofDays(window(0, 1), day(1, 1))], 'a'), { name: 'AbortError' });
  assert.deepEqual([storage.writes.length, storage.dropped], [0, 0]);
});

test('more rows than one call takes are replaced, and a death between two calls loses none', async () => {
  const begin = () => holding(things(6800, 1));
  const removal = [{ checkpoint: 'a', batches: [removed('thing', '17')] }];
  await dyingAtEachWrite(begin, removal, (storage, nth) => {
    assert.equal(storage.rows('entities', 'thing').length, 6799, `removal, at write ${nth}`);
    assert.equal(storage.tables.edges.length, 1, `removal, at write ${nth}`);
  });
  const swap = [{ checkpoint: 'a', batches: [ofThings(publish('1'), things(6700, 2))] }];
  await dyingAtEachWrite(begin, swap, (storage, nth) => {
    assert.equal(storage.rows('entities', 'thing').length, 6700, `replacement, at write ${nth}`);
    assert.ok(storage.rows('entities', 'thing').every(({ updated_at: at }) => at === 2));
  });
});

test('a window of more rows than one call takes dies without a hole, and nothing beside it is lost', async () => {
  const hours = (value) => Array.from({ length: 6700 }, (_, ts) => day(ts + 10, value));
  const begin = async () => {
    const storage = new MemoryStorage();
    const rows = [day(9, 1), ...hours(1), day(8000, 1)];
    await (await open(storage)).commit([ofDays(merge, ...rows)], 'held');
    return storage;
  };
  const scoped = publish('1', { window: { start: 10, end: 7999 } });
  const steps = [
    { checkpoint: 'a', batches: [ofDays(stage('1'), ...hours(2).slice(0, 3000))] },
    { checkpoint: 'b', batches: [ofDays(scoped, ...hours(2).slice(3000))] },
  ];
  await dyingAtEachWrite(begin, steps, (storage, nth) => {
    const rows = storage.rows('metrics', 'days');
    assert.equal(rows.length, 6702, `at write ${nth}`);
    const old = rows.filter(({ value }) => value === 1).map(({ ts }) => ts);
    assert.deepEqual(old.sort((one, other) => one - other), [9, 8000], `at write ${nth}`);
  });
});

test('an event that changes is the only one that does, whenever the process dies', async () => {
  const begin = async () => {
    const storage = new MemoryStorage();
    const held = ofJobs(merge, job('x', 1, 'queued'), job('y', 2, 'done', 3));
    await (await open(storage)).commit([held], 'held');
    return storage;
  };
  const steps = [
    { checkpoint: 'a', batches: [ofJobs(merge, job('x', 1, 'running'), job('z', 4, 'queued'))] },
    { checkpoint: 'b', batches: [ofJobs(merge, job('x', 1, 'done', 9))] },
  ];
  await dyingAtEachWrite(begin, steps, (storage, nth) => {
    const rows = storage.rows('events', 'job').sort((one, other) => one.start_ts - other.start_ts);
    const reported = rows.map(({ end_ts: end, attributes }) => [attributes.eventId, attributes.status, end]);
    const wanted = [['x', 'done', 9], ['y', 'done', 3], ['z', 'queued', null]];
    assert.deepEqual(reported, wanted, `at write ${nth}`);
  });
});

test('an event is stored once, from whatever page, and also where another program stored it', async () => {
  const storage = new MemoryStorage();
  await storage.handle().event(login('a', 5).row);
  const kept = await open(storage);
  await kept.commit([ofLogins(merge, login('a', 5), login('b', 6), login('b', 6))], '1');
  await kept.commit([ofLogins(merge, login('b', 6), login('c', 6)), ofLogins(merge)], '2');
  const ids = storage.rows('events', 'login').map(({ attributes }) => attributes.logId);
  assert.deepEqual(ids, ['a', 'b', 'c']);
  assert.ok(storage.writes.every(({ method, rows }) => method === 'edge' || rows < 3), 'rows were rewritten');
});
