// A process that dies at a write, and the one that follows it.

import assert from 'node:assert/strict';

import { ConnectorStorage } from '../../lib/storage/connector_storage.js';
import { ID, RESOURCES } from './batches.js';

/** The storage as a new process finds it. */
export async function open(storage, signal) {
  const kept = await ConnectorStorage.open(ID, storage.handle(signal), signal);
  await kept.prepare(RESOURCES);
  return kept;
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
      const begin = steps.findIndex(({ checkpoint }) => checkpoint === kept.checkpoint) + 1;
      for (const { batches, checkpoint } of steps.slice(begin)) await kept.commit(batches, checkpoint);
      return tries === 1;
    } catch (error) {
      if (error.kind !== 'storage') throw error;
    }
  }
  throw new Error('it died twice');
}

/** @param {(storage: any, nth: number) => void} check what is stored in the end */
export async function dyingAtEachWrite(begin, steps, check) {
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
