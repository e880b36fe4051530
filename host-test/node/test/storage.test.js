// What a crash between two calls of the storage leaves behind.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConnectorStorage } from '../lib/storage/connector_storage.js';
import { MemoryStorage } from './support/memory_storage.js';

const about = {
  id: 'test',
  resources: [
    { name: 'thing', shape: 'entity', fields: [] },
    { name: 'link', shape: 'edge', fields: [] },
    { name: 'login', shape: 'event', fields: [{ name: 'type' }, { name: 'logId' }] },
    { name: 'days', shape: 'metric', fields: [] },
  ],
};

const thing = (id, version = 1) => ({ type: 'thing', id: String(id), attributes: { version }, updated_at: version });
const things = (count, version) => Array.from({ length: count }, (_, id) => thing(id, version));
const batch = (kind, effect, rows, resource = 'thing', shape = 'entity') => ({ resource, shape, kind, effect, rows });
const merge = { tag: 'merge' };
const stage = (generation) => ({ tag: 'stage', generation });
const replaceAll = (generation) => ({ tag: 'replace-all', generation });
const login = (logId, start) => ({
  id: logId,
  row: { name: 'login', start_ts: start, end_ts: null, attributes: { type: 's', logId } },
});

const open = (storage) => ConnectorStorage.open(about, storage.handle());
const versions = (storage) =>
  Object.fromEntries(storage.rows('entities', 'thing').map(({ id, attributes }) => [id, attributes.version]));

/** A storage with things in it. */
async function holding(rows) {
  const storage = new MemoryStorage();
  await (await open(storage)).commit([batch('entities', replaceAll('0'), rows)], 'held');
  return storage;
}

/**
 * Takes the steps, dying at the nth write, then takes again those whose
 * checkpoint was not written, as a component does.
 */
async function dying(storage, steps, nth) {
  const first = storage.writes.length;
  storage.after = (number) => {
    if (number - first === nth) throw new Error('died');
  };
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const kept = await open(storage);
      const from = steps.findIndex(({ checkpoint }) => checkpoint === kept.checkpoint) + 1;
      for (const { batches, checkpoint } of steps.slice(from)) await kept.commit(batches, checkpoint);
      return tries === 1;
    } catch (error) {
      if (error.kind !== 'storage') throw error;
    }
  }
  throw new Error('it died twice');
}

async function dyingAtEachWrite(begin, steps, check) {
  for (let nth = 1; nth < 100; nth += 1) {
    const storage = await begin();
    const died = await dying(storage, steps, nth);
    // The next sync drops what is left over.
    await open(storage);
    check(storage, nth);
    if (!died) return assert.ok(nth > 2);
  }
  throw new Error('it died a hundred times');
}

test('a replacement is out of readers’ sight until it is whole', async () => {
  const storage = await holding(things(3, 1));
  const kept = await open(storage);
  await kept.commit([batch('entities', stage('1'), [thing(0, 2), thing(7, 2)])], 'a');
  assert.deepEqual(versions(storage), { 0: 1, 1: 1, 2: 1 });
  await kept.commit([batch('entities', replaceAll('1'), [thing(1, 2)])], 'b');
  assert.deepEqual(versions(storage), { 0: 2, 1: 2, 7: 2 });
  const own = storage.tables.entities.filter(({ type }) => type !== 'thing');
  assert.deepEqual(own.map(({ type }) => type), ['test_connector_checkpoint']);
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
      return [batch('entities', effect, source.rows)];
    },
  });
  const steps = [
    step('a', stage('1'), page(0, 1)),
    step('b', stage('1'), page(2, 3)),
    step('c', replaceAll('1'), page(4)),
  ];
  await dyingAtEachWrite(() => holding(things(6, 1)), steps, (storage, nth) => {
    const { 5: gone, ...ids } = versions(storage);
    assert.equal(gone, undefined);
    const ghosts = Object.keys(ids).filter((id) => id.startsWith('ghost'));
    assert.equal(ghosts.length, 3, `at write ${nth}: ${ghosts}`);
    assert.equal(Object.keys(ids).length, 8);
  });
});

test('a replacement by nothing is refused, and what is stored stays', async () => {
  const storage = await holding(things(3, 1));
  const kept = await open(storage);
  await assert.rejects(kept.commit([batch('entities', replaceAll('1'), [])], 'a'), { kind: 'upstream' });
  assert.equal(Object.keys(versions(storage)).length, 3);
  assert.equal((await open(storage)).checkpoint, 'held');
});

test('a page whose checkpoint was not written counts for nothing, also where it does not come again', async () => {
  const storage = await holding([]);
  const kept = await open(storage);
  await kept.commit([batch('entities', stage('1'), [thing('here')])], 'a');
  const number = storage.writes.length;
  storage.before = (nth) => {
    if (nth === number + 2) throw new Error('died');
  };
  await assert.rejects(kept.commit([batch('entities', stage('1'), [thing('ghost')])], 'b'), /died/);
  await (await open(storage)).commit([batch('entities', replaceAll('1'), [thing('there')])], 'c');
  assert.deepEqual(versions(storage), { here: 1, there: 1 });
});

test('after the signal not one write is tried', async () => {
  const storage = new MemoryStorage();
  const end = new AbortController();
  const kept = await ConnectorStorage.open(about, storage.handle(end.signal), end.signal);
  end.abort();
  const window = { tag: 'replace-window', window: { start: 0, end: 1 } };
  const samples = batch('samples', window, [], 'days', 'metric');
  await assert.rejects(kept.commit([samples], 'a'), { name: 'AbortError' });
  assert.deepEqual([storage.writes.length, storage.dropped], [0, 0]);
});

test('what is staged under another generation is dropped', async () => {
  const storage = await holding([]);
  const kept = await open(storage);
  await kept.commit([batch('entities', stage('1'), [thing('old')])], 'a');
  await kept.commit([batch('entities', stage('2'), [thing('new')])], 'b');
  await kept.commit([batch('entities', replaceAll('2'), [])], 'c');
  assert.deepEqual(versions(storage), { new: 1 });
});

test('what changes or goes during a walk is not brought back by its end', async () => {
  const storage = await holding(things(3, 1));
  const kept = await open(storage);
  await kept.commit([batch('entities', stage('1'), things(3, 2))], 'a');
  await kept.commit([batch('entities', merge, [thing(0, 3)])], 'b');
  await kept.commit([batch('removals', merge, ['1', 'unknown'])], 'c');
  assert.deepEqual(versions(storage), { 0: 3, 2: 1 });
  await kept.commit([batch('entities', replaceAll('1'), [])], 'd');
  assert.deepEqual(versions(storage), { 0: 3, 2: 2 });
});

test('a resource that failed loses what is staged, and nothing else', async () => {
  const storage = await holding(things(2, 1));
  const kept = await open(storage);
  await kept.commit([batch('entities', stage('1'), things(1, 2))], 'a');
  await kept.abandon('thing', 'b');
  assert.deepEqual(versions(storage), { 0: 1, 1: 1 });
  assert.equal(storage.tables.entities.length, 3);
});

test('more rows than one call takes are replaced, and a death between two calls loses none', async () => {
  const begin = () => holding(things(4200, 1));
  const removal = [{ checkpoint: 'a', batches: [batch('removals', merge, ['17'])] }];
  await dyingAtEachWrite(begin, removal, (storage, nth) => {
    assert.equal(storage.rows('entities', 'thing').length, 4199, `removal, at write ${nth}`);
    assert.equal(storage.tables.entities.length, 4200, `removal, at write ${nth}`);
  });
  const swap = [{ checkpoint: 'a', batches: [batch('entities', replaceAll('1'), things(4100, 2))] }];
  await dyingAtEachWrite(begin, swap, (storage, nth) => {
    assert.equal(storage.rows('entities', 'thing').length, 4100, `replacement, at write ${nth}`);
    assert.ok(storage.rows('entities', 'thing').every(({ updated_at: at }) => at === 2));
  });
});

test('an event comes once, from whatever page, and also where another program stored it', async () => {
  const storage = new MemoryStorage();
  await storage.handle().event(login('a', 5).row);
  const kept = await open(storage);
  const events = (...rows) => batch('events', merge, rows, 'login', 'event');
  await kept.commit([events(login('a', 5), login('b', 6), login('b', 6))], '1');
  await kept.commit([events(login('b', 6), login('c', 6)), events()], '2');
  const ids = storage.rows('events', 'login').map(({ attributes }) => attributes.logId);
  assert.deepEqual(ids, ['a', 'b', 'c']);
});

test('a window replaces its own samples and no others', async () => {
  const storage = new MemoryStorage();
  const kept = await open(storage);
  const sample = (ts, value) => ({ name: 'days', ts, value, attributes: {} });
  const window = (start, end, ...rows) =>
    batch('samples', { tag: 'replace-window', window: { start, end } }, rows, 'days', 'metric');
  await kept.commit([window(0, 30, sample(10, 1), sample(20, 1), sample(30, 1))], '1');
  await kept.commit([window(20, 30, sample(20, 2))], '2');
  assert.deepEqual(storage.rows('metrics', 'days'), [sample(10, 1), sample(20, 2)]);
});

test('edges are replaced by their six columns', async () => {
  const storage = new MemoryStorage();
  const kept = await open(storage);
  const edge = (from, to, at) => ({
    from_type: 'thing', from_id: from, kind: 'link', to_type: 'thing', to_id: to, attributes: {}, updated_at: at,
  });
  const links = (effect, ...rows) => batch('edges', effect, rows, 'link', 'edge');
  await kept.commit([links(merge, edge('a', 'b', 1), edge('a', 'c', 1))], '1');
  await kept.commit([links(stage('1'), edge('a', 'b', 2))], '2');
  await kept.commit([links(replaceAll('1'), edge('a', 'd', 2))], '3');
  assert.deepEqual(storage.rows('edges', 'link'), [edge('a', 'b', 2), edge('a', 'd', 2)]);
});
