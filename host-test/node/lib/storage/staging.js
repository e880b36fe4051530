// Rows kept aside, out of readers' sight, until a replacement is complete.
//
// What is kept is not the rows but what happened to them, operation by
// operation, each an edge with a number. The checkpoint says how many count:
// an operation whose checkpoint was never written is written over by its
// repetition, as if it had been rolled back.

import { allOwn, nameOf, ownEdge, stagingKind } from './own_edge.js';

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
    const kind = stagingKind(this.#id, resource);
    return this.#handle.write('edge', ownEdge(kind, String(number), operation));
  }

  /** What the first `count` operations make, by key. */
  async rows(resource, key, count) {
    const query = allOwn(stagingKind(this.#id, resource));
    const all = await this.#handle.read('what is staged', query);
    const operations = all
      .filter((edge) => Number(nameOf(edge)) < count)
      .sort((one, other) => Number(nameOf(one)) - Number(nameOf(other)));
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
    const kinds = [stagingKind(this.#id, resource)];
    return this.#handle.write('edges', [], { kinds });
  }
}
