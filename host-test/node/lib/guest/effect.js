// What storing a batch does, if the shape of its records allows it; throws the
// text of what is wrong.

import { node, timestamp } from './rows.js';

const NAMES = {
  merge: 'merge',
  'replace-window': 'replace a window',
  'replace-from': 'replace from nodes',
  stage: 'stage',
  publish: 'publish',
};

const ALLOWED = {
  entity: 'merge, stage or publish all',
  edge: 'merge, replace from nodes, stage or publish all',
  event: 'merge, replace a window, stage or publish',
  metric: 'merge, replace a window, stage or publish',
  distribution: 'merge, replace a window, stage or publish',
};

/** Entities and edges have no place in time. */
const hasTime = (shape) => shape !== 'entity' && shape !== 'edge';

function allows(shape, { tag, val }) {
  switch (tag) {
    case 'replace-window':
      return hasTime(shape);
    case 'replace-from':
      return shape === 'edge';
    case 'publish':
      return val.scope === undefined || hasTime(shape);
    default:
      return true;
  }
}

function window({ start, end }) {
  const [from, to] = [timestamp(start), timestamp(end)];
  if (from > to) throw 'its window ends before it starts';
  return { start: from, end: to };
}

/**
 * @typedef {{start: number, end: number}} Window
 * @typedef {{tag: 'merge'} | {tag: 'replace-window', window: Window}
 *   | {tag: 'replace-from', nodes: {type: string, id: string}[]}
 *   | {tag: 'stage', generation: string}
 *   | {tag: 'publish', generation: string, window?: Window, emptyIsTrue: boolean}} Effect
 */

/**
 * @param {{tag: string, val?: any}} effect as jco gives it
 * @param {boolean} areRemovals
 * @returns {Effect}
 */
export function plainEffect(effect, shape, areRemovals) {
  const { tag, val } = effect;
  const allowed = areRemovals ? NAMES.merge : ALLOWED[shape];
  if (areRemovals ? tag !== 'merge' : !allows(shape, effect)) {
    const name = tag === 'publish' && val.scope ? 'publish a window' : NAMES[tag];
    throw `its records cannot ${name}; they can only ${allowed}`;
  }
  switch (tag) {
    case 'replace-window':
      return { tag, window: window(val) };
    case 'replace-from':
      return { tag, nodes: val.map((each) => node('a node that it replaces from', each)) };
    case 'stage':
      // As text: generations are only compared for equality.
      return { tag, generation: String(val) };
    case 'publish': {
      const { generation, scope, emptyIsTrue } = val;
      const scoped = scope === undefined ? {} : { window: window(scope) };
      return { tag, generation: String(generation), ...scoped, emptyIsTrue };
    }
    default:
      return { tag };
  }
}

/**
 * What every row of the batch must lie within.
 * @param {Effect} effect
 * @returns {(row: any) => void} throws
 */
export function bounds({ window: span, nodes }) {
  if (span) {
    return (row) => {
      const at = row.ts ?? row.row.start_ts;
      if (at < span.start || at > span.end) throw `the timestamp ${at} is outside the window`;
    };
  }
  if (nodes) {
    const known = new Set(nodes.map(({ type, id }) => JSON.stringify([type, id])));
    return ({ from_type: type, from_id: id }) => {
      if (known.has(JSON.stringify([type, id]))) return;
      throw 'the edge starts at a node whose edges the batch does not replace';
    };
  }
  return () => {};
}
