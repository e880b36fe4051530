// Which steps a sync may have, one rule at a time.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { checkResources } from '../lib/check_resources.js';
import { Ledger } from '../lib/ledger.js';
import { SyncError } from '../lib/sync_error.js';
import { UnfinishedError } from '../lib/unfinished.js';

const ALLOWED = [{ name: 'a' }, { name: 'b' }];
const all = () => new Ledger(ALLOWED, { wants: [] });
const onlyA = () => new Ledger(ALLOWED, { wants: [{ resource: 'a' }] });
const run = (resource, more = {}) => ({ resource, mode: 'latest', resumed: false, ...more });
const breach = (message) => ({ kind: 'component', message });

test('records without a run, which no end would ever make complete, are refused', () => {
  const ledger = all();
  const rows = (resource) => [{ resource }];
  assert.throws(() => ledger.batches(rows('a')), breach(/no run of "a" is under way/));
  ledger.began(run('a'));
  ledger.batches(rows('a'));
  assert.throws(() => ledger.batches([...rows('a'), ...rows('b')]), breach(/no run of "b"/));
  ledger.ended('a', 'complete');
  assert.throws(() => ledger.batches(rows('a')), breach(/no run of "a"/));
  assert.throws(() => ledger.ended('a', 'complete'), breach(/no run of "a"/));
});

test('a run that is not wanted, unknown, doubled or of no mode is refused', () => {
  const ledger = onlyA();
  assert.throws(() => ledger.began(run('b')), breach(/not wanted/));
  assert.throws(() => ledger.began(run('c')), breach(/allows no resource "c"/));
  assert.throws(() => ledger.knows('c'), breach(/allows no resource "c"/));
  ledger.knows('b');
  assert.throws(() => ledger.began(run('a', { mode: 'auto' })), breach(/mode auto/));
  ledger.began(run('a'));
  assert.throws(() => ledger.began(run('a')), breach(/within a run of it/));
});

test('a publication that is refused postpones its run, and others under way are resumed', () => {
  const ledger = all();
  ledger.began(run('a'));
  ledger.began(run('b'));
  ledger.refused('a', new SyncError('upstream', 'the source returned no a'));
  assert.deepEqual(ledger.unread(), ['b']);
  ledger.began(run('b', { resumed: true }));
  ledger.ended('b', 'complete');
  assert.deepEqual(ledger.unread(), ['b'], 'the requested run follows');
  ledger.began(run('b'));
  ledger.ended('b', 'complete');
  assert.deepEqual(ledger.unread(), []);
  ledger.done();
  assert.deepEqual(ledger.rest().map(({ name, state }) => [name, state]), [['a', 'postponed']]);
});

test('done is not believed before every wanted run has ended', () => {
  const ledger = all();
  ledger.began(run('a'));
  ledger.ended('a', 'complete');
  assert.throws(() => ledger.done(), breach(/before a run of "b" had ended/));
  ledger.began(run('b'));
  assert.throws(() => ledger.done(), breach(/before a run of "b" had ended/));
  ledger.ended('b', 'complete');
  ledger.done();
  assert.deepEqual(ledger.rest(), []);
});

test('a resumed run that is complete does not pass for the requested one', () => {
  const ledger = onlyA();
  ledger.began(run('a', { resumed: true }));
  ledger.ended('a', 'complete');
  assert.throws(() => ledger.done(), breach(/without the requested one/));
  assert.deepEqual(ledger.rest(), [{ name: 'a' }]);
  ledger.began(run('a'));
  ledger.ended('a', 'complete');
  ledger.done();
});

test('a resumed run that is postponed again needs no other', () => {
  const ledger = onlyA();
  ledger.began(run('a', { resumed: true }));
  const why = new SyncError('transient', 'a answers 503.');
  ledger.ended('a', 'postponed', why);
  ledger.done();
  assert.deepEqual(ledger.rest(), [{ name: 'a', state: 'postponed', error: why }]);
});

test('what waiting does not repair is not hidden by what is postponed', () => {
  const rest = (name, state, kind, more) => ({ name, state, error: new SyncError(kind, `${kind}.`, more) });
  const late = rest('a', 'postponed', 'transient', { retryAfter: 90_000 });
  const later = rest('b', 'postponed', 'rate-limited', { retryAfter: 200_000 });
  const failed = rest('c', 'failed', 'permission', { status: 403 });
  const upstream = rest('d', 'failed', 'upstream');
  const both = new UnfinishedError([late, upstream, failed]);
  assert.deepEqual([both.kind, both.retryAfter, both.passes], ['permission', 90_000, false]);
  assert.match(both.message, /^a could not be read to the end now: transient; d could not be read: upstream; c could not/);
  assert.match(both.message, /sync again at \d{4}-/);
  const postponed = new UnfinishedError([later, late]);
  assert.deepEqual([postponed.kind, postponed.retryAfter], ['wait', 90_000]);
  const alone = new UnfinishedError([failed]);
  assert.deepEqual([alone.resource, alone.status, alone.retryAfter], ['c', 403, undefined]);
  assert.deepEqual(
    alone.resources,
    [{ name: 'c', state: 'failed', kind: 'permission', message: 'permission.', status: 403, retryAfter: undefined }],
  );
});

test('a resource that the manifest does not have would be stored unjudged and is refused', () => {
  const user = { name: 'user', shape: 'entity', dynamic: false, open: false };
  const query = { name: 'query', shape: 'metric', setting: 'queries', dynamic: true };
  const check = (...resources) => checkResources(resources, { resources: [user, query] });
  const named = (name, more) => ({ ...query, name, ...more });
  check();
  check(named('cpu', { dynamic: false }), { ...user }, named('memory'));
  assert.throws(() => check(user, user), breach(/"user", which is empty or there twice/));
  assert.throws(() => check(named('')), breach(/"", which is empty/));
  assert.throws(() => check(named('cpu', { shape: 'event' })), breach(/"cpu", which its manifest does not have/));
  assert.throws(() => check({ ...user, open: true }), breach(/"user" otherwise than/));
});
