// The attributes of a step's rows, read in the engine's thread: as text they travel there
// faster than as objects.

import { Breach } from './breach.js';

function parsed(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw 'the attributes are not valid JSON';
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw 'the attributes are not a JSON object';
  }
  return value;
}

function readRow(batch, record, number) {
  // An event has its id beside its row.
  const row = record.row ?? record;
  batch.text += row.attributes.length;
  try {
    row.attributes = parsed(row.attributes);
  } catch (problem) {
    throw new Breach(`${batch.resource}: row ${number}: ${problem}`);
  }
}

/**
 * Makes objects of the attributes, in place, and notes in each batch how many characters
 * they were.
 * @param {{tag: string, val?: any}} step as `plainStep` returns it
 */
export function readAttributes(step) {
  if (step.tag !== 'batches') return;
  for (const batch of step.val) {
    batch.text = 0;
    if (!batch.areRemovals) batch.rows.forEach((record, number) => readRow(batch, record, number));
  }
}
