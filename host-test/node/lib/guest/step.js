// A component's step as plain values, if its batches respect the contract.

import { Breach } from './breach.js';
import { bounds, plainEffect } from './effect.js';
import { ROWS } from './rows.js';

/** Bytes of records that one step may return. */
const MAX_OUTPUT = 32 << 20;

/** The shapes whose records these are. */
const SHAPES = {
  events: ['event'],
  entities: ['entity'],
  samples: ['metric'],
  edges: ['edge'],
  distributions: ['distribution'],
  removals: ['event', 'entity'],
  'edge-removals': ['edge'],
};

function rowsOf({ tag, val }, name, check) {
  return val.map((record, number) => {
    try {
      const row = ROWS[tag](record, name);
      check(row);
      return row;
    } catch (problem) {
      throw typeof problem === 'string' ? `row ${number}: ${problem}` : problem;
    }
  });
}

function plainBatch(batch, resources) {
  const { resource: name, records, warnings } = batch;
  try {
    const resource = resources.find((each) => each.name === name);
    if (!resource) throw 'its configuration has no such resource';
    const { shape } = resource;
    if (!SHAPES[records.tag].includes(shape)) {
      throw `its manifest calls it ${shape}, the records are ${records.tag}`;
    }
    const areRemovals = records.tag.endsWith('removals');
    const effect = plainEffect(batch.effect, shape, areRemovals);
    const rows = rowsOf(records, name, bounds(effect));
    const progress = {
      pages: Number(batch.progress.pages),
      records: Number(batch.progress.records),
    };
    return { resource: name, shape, areRemovals, effect, rows, progress, warnings };
  } catch (problem) {
    throw typeof problem === 'string' ? new Breach(`${name}: ${problem}`) : problem;
  }
}

function size(batches) {
  const texts = batches.flatMap(({ records }) =>
    records.val.map((record) => record.attributes?.length ?? record.length ?? 0),
  );
  return texts.reduce((sum, length) => sum + length, 0);
}

/**
 * @param {{tag: string, val?: any}} step as jco gives it
 * @param {any[]} resources that the configuration allows
 */
export function plainStep(step, resources) {
  if (step.tag !== 'batches') return step;
  if (size(step.val) > MAX_OUTPUT) {
    throw new Breach(`it returned more than ${MAX_OUTPUT} bytes in one step`);
  }
  return { tag: 'batches', val: step.val.map((batch) => plainBatch(batch, resources)) };
}
