// Rows kept aside, out of readers' sight, until a replacement is complete.
//
// What is kept is not the rows but what happened to them, operation by
// operation, each an entity with a number. The checkpoint tells how many count:
// an operation whose checkpoint was never written is written over by its
// repetition, as if it had been rolled back.

import { stagingType } from './checkpoint_entity.js';

/** The id of the operation of a number. */
export const operationId = (number) => String(number);

export class Staging {
  #handle;
  #id;

  /** @param {string} id the connector's */
  constructor(handle, id) {
    this.#handle = handle;
    this.#id = id;
  }

  /** Writes an operation down, over what another generation has there. */
  append(resource, number, operation) {
    return this.#handle.write('entity', {
      type: stagingType(this.#id, resource),
      id: operationId(number),
      attributes: operation,
      updated_at: 0,
    });
  }

  /** What the first `count` operations make, by key. */
  async rows(resource, key, count) {
    const type = stagingType(this.#id, resource);
    const all = await this.#handle.read('what is staged', (inner) => inner.queryEntities({ type }));
    const operations = all
      .filter(({ id }) => Number(id) < count)
      .sort((one, other) => Number(one.id) - Number(other.id));
    const rows = new Map();
    for (const { attributes } of operations) {
      for (const row of attributes.stage ?? []) rows.set(key(row), row);
      // Newer than the one that the walk saw, if it saw one.
      for (const row of attributes.merge ?? []) if (rows.has(key(row))) rows.set(key(row), row);
      for (const removed of attributes.remove ?? []) rows.delete(removed);
    }
    return rows;
  }

  clear(resource) {
    const types = [stagingType(this.#id, resource)];
    return this.#handle.write('entities', [], { types });
  }
}
