// Which steps are written together.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PendingSteps } from '../lib/storage/pending_steps.js';
import {
  from, job, login, merge, ofJobs, ofLinks, ofLogins, ofThings, publish, removed, stage, thing, things, window,
} from './support/batches.js';

test('the rows of many pages are written in one call, in their order, with the last checkpoint', () => {
  const pending = new PendingSteps();
  pending.hold([ofLogins(merge, login('a', 1)), ofThings(stage('1'), [thing(1)])], '1', 0);
  pending.hold([ofLogins(merge, login('b', 2)), ofJobs(merge, job('x', 1, 'queued'))], '2', 0);
  pending.hold([ofThings(stage('1'), [thing(2)])], '3', 0);
  const { batches, checkpoint } = pending.take();
  assert.equal(checkpoint, '3');
  assert.deepEqual(batches, [
    ofLogins(merge, login('a', 1), login('b', 2)),
    ofThings(stage('1'), [thing(1), thing(2)]),
    ofJobs(merge, job('x', 1, 'queued')),
  ]);
  assert.equal(pending.take(), undefined);
});

test('what was staged under another generation, or merged in between, keeps its place', () => {
  const pending = new PendingSteps();
  const steps = [ofThings(stage('1'), [thing(1)]), ofThings(merge, [thing(1, 2)]), ofThings(stage('2'), [thing(1, 3)]), ofThings(stage('2'), [thing(2)])];
  steps.forEach((batch, nth) => pending.hold([batch], String(nth), 0));
  assert.deepEqual(pending.take().batches.map(({ effect, rows }) => [effect.generation, rows.length]), [['1', 1], [undefined, 1], ['2', 2]]);
});

test('little is held, and not for long: a crash costs few requests', () => {
  const page = [ofLogins(merge, login('a', 1))];
  const steps = new PendingSteps();
  const due = Array.from({ length: 60 }, () => steps.hold(page, '', 0));
  assert.deepEqual(due, [...Array(59).fill(false), true]);
  const rows = new PendingSteps();
  assert.equal(rows.hold([ofThings(merge, things(4000))], '', 0), true);
  const text = new PendingSteps();
  const large = [{ ...ofLogins(merge, login('a', 1)), text: 8 << 20 }];
  assert.deepEqual([text.hold(large, '', 0), text.hold(large, '', 0)], [false, true]);
  text.take();
  assert.equal(text.hold(large, '', 0), false);
  const old = new PendingSteps();
  assert.deepEqual([old.hold(page, '', 5), old.hold(page, '', 2004), old.hold(page, '', 2005)], [false, false, true]);
  old.take();
  assert.equal(old.hold(page, '', 9000), false);
});

test('a step that removes rows waits for no other', () => {
  const waits = (...batches) => PendingSteps.canHold(batches);
  assert.ok(waits(ofThings(merge, [thing(1)]), ofThings(stage('1'), [])));
  assert.ok(waits());
  for (const batch of [removed('thing', '1'), ofThings(publish('1'), []), ofLogins(window(0, 1)), ofLinks(from('a'))]) {
    assert.ok(!waits(ofThings(merge, [thing(1)]), batch), batch.effect.tag);
  }
});
