// Batches that a component returns, in the form in which jco gives them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readAttributes } from '../lib/guest/attributes.js';
import { plainStep } from '../lib/guest/step.js';

const RESOURCES = ['event', 'entity', 'metric', 'edge', 'distribution'].map((shape) => ({ name: shape, shape }));
const SPAN = { start: 10n, end: 20n };

/** The batch as it would be stored. */
function plain(resource, tag, val, effect = { tag: 'merge' }) {
  const progress = { pages: 1n, records: 1n };
  const batch = { resource, records: { tag, val }, effect, progress, warnings: [] };
  const step = plainStep({ tag: 'batches', val: [batch] }, RESOURCES);
  readAttributes(step);
  return step.val[0];
}
const refused = (why, ...batch) => assert.throws(() => plain(...batch), { message: why });

const event = (start, more = {}) => ({ id: 'a', start, attributes: '{}', ...more });
const sample = (at, value = 1) => ({ at, value, attributes: '{"d":1}' });
const node = (id) => ({ type: 'n', id });
const edge = (from, to) => ({ from: node(from), to: node(to), updatedAt: 1n, attributes: '{}' });
const distribution = (more = {}) => ({
  at: 15n, spread: { tag: 'histogram', val: [{ le: 1.5, count: 2n }] }, count: 2n, sum: 3, attributes: '{}', ...more,
});
const publish = (scope) => ({ tag: 'publish', val: { generation: 2n ** 64n - 1n, scope, emptyIsTrue: true } });

test('each shape allows its own effects only', () => {
  const effects = [
    { tag: 'merge' },
    { tag: 'stage', val: 1n },
    publish(),
    { tag: 'replace-window', val: SPAN },
    publish(SPAN),
    { tag: 'replace-from', val: [] },
  ];
  const timed = [1, 1, 1, 1, 1, 0];
  const removals = [1, 0, 0, 0, 0, 0];
  for (const [resource, tag, allowed] of [
    ['event', 'events', timed],
    ['event', 'removals', removals],
    ['entity', 'entities', [1, 1, 1, 0, 0, 0]],
    ['entity', 'removals', removals],
    ['edge', 'edges', [1, 1, 1, 0, 0, 1]],
    ['edge', 'edge-removals', removals],
    ['metric', 'samples', timed],
    ['distribution', 'distributions', timed],
  ]) {
    for (const [number, effect] of effects.entries()) {
      if (allowed[number]) plain(resource, tag, [], effect);
      else refused(/its records cannot .*; they can only /, resource, tag, [], effect);
    }
  }
  refused(/no such resource/, 'other', 'events', []);
  refused(/calls it edge, the records are removals/, 'edge', 'removals', []);
});

test('a row outside of what its batch replaces would stay for ever, and is refused', () => {
  const window = { tag: 'replace-window', val: SPAN };
  for (const effect of [window, publish(SPAN)]) {
    for (const at of [10n, 20n]) plain('metric', 'samples', [sample(at)], effect);
    for (const at of [9n, 21n]) refused(/row 1: the timestamp \d+ is outside the window/, 'metric', 'samples', [sample(15n), sample(at)], effect);
    refused(/outside the window/, 'event', 'events', [event(21n)], effect);
    refused(/outside the window/, 'distribution', 'distributions', [distribution({ at: 9n })], effect);
  }
  const backwards = { tag: 'replace-window', val: { start: 2n, end: 1n } };
  refused(/its window ends before it starts/, 'metric', 'samples', [], backwards);
  const from = { tag: 'replace-from', val: [node('a'), node('b')] };
  plain('edge', 'edges', [edge('a', 'z'), edge('b', 'z')], from);
  refused(/row 0: the edge starts at a node whose edges/, 'edge', 'edges', [edge('z', 'a')], from);
  refused(/the id of a node that it replaces from is empty/, 'edge', 'edges', [], { tag: 'replace-from', val: [node('')] });
});

test('numbers that JavaScript or rawdash cannot hold are refused', () => {
  const beyond = 2n ** 53n;
  const of = (more) => ['distribution', 'distributions', [distribution(more)]];
  for (const [why, ...batch] of [
    [/timestamp/, 'event', 'events', [event(beyond)]],
    [/timestamp/, 'event', 'events', [event(1n, { end: -1n })]],
    [/the value is not finite/, 'metric', 'samples', [sample(1n, Infinity)]],
    [/the count is greater/, ...of({ count: beyond })],
    [/the sum is not finite/, ...of({ sum: NaN })],
    [/a bucket's count is greater/, ...of({ spread: { tag: 'histogram', val: [{ le: 1, count: beyond }] } })],
    [/a bucket's bound/, ...of({ spread: { tag: 'histogram', val: [{ le: Infinity, count: 1n }] } })],
    [/a quantile is not between/, ...of({ spread: { tag: 'summary', val: [{ q: 1.1, value: 1 }] } })],
    [/a quantile's value/, ...of({ spread: { tag: 'summary', val: [{ q: 1, value: NaN }] } })],
    [/the id is empty or longer/, 'entity', 'removals', ['x'.repeat(4097)]],
    [/the id of its `to` node is empty/, 'edge', 'edge-removals', [[node('a'), node('')]]],
    [/the attributes are not valid JSON/, 'event', 'events', [event(1n, { attributes: '{' })]],
    [/row 1: the attributes are not a JSON object/, 'metric', 'samples', [sample(1n), { ...sample(2n), attributes: '[]' }]],
    [/the attributes are longer than 1 MiB/, 'event', 'events', [event(1n, { attributes: `{"a":"${'x'.repeat(1 << 20)}"}` })]],
  ]) {
    refused(why, ...batch);
  }
});

test('records become the rows that rawdash has', () => {
  assert.deepEqual(plain('distribution', 'distributions', [distribution()], publish(SPAN)), {
    resource: 'distribution',
    shape: 'distribution',
    areRemovals: false,
    effect: { tag: 'publish', generation: '18446744073709551615', window: { start: 10, end: 20 }, emptyIsTrue: true },
    rows: [{ name: 'distribution', ts: 15, kind: 'histogram', data: { buckets: [{ le: 1.5, count: 2 }], count: 2, sum: 3 }, attributes: {} }],
    progress: { pages: 1, records: 1 },
    warnings: [],
    text: 2,
  });
  assert.deepEqual(plain('edge', 'edge-removals', [[node('a'), node('b')]]).rows, [
    { from_type: 'n', from_id: 'a', to_type: 'n', to_id: 'b' },
  ]);
  assert.deepEqual(plain('event', 'events', [event(5n, { end: 6n })]).rows, [
    { id: 'a', row: { name: 'event', start_ts: 5, end_ts: 6, attributes: {} } },
  ]);
});
