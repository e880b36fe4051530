// The checkpoint, kept among the connector's own rows as an entity of a type of
// its own: rawdash has no other place for it.

import { isEqual } from '../equality.js';

/** @param {string} id the connector's, as in its manifest */
const checkpointType = (id) => `${id}_connector_checkpoint`;

/** Where the operations of a replacement that is not complete yet are kept. */
export const stagingType = (id, resource) => `${id}_connector_staged:${resource}`;

/** Where the rows of a rewriting that takes several calls are kept. */
export const rewritingType = (id, resource) => `${id}_connector_rewriting:${resource}`;

const ID = 'checkpoint';

/**
 * @typedef {object} Kept
 * @property {string} [checkpoint] the component's; absent before the first step
 * @property {Record<string, {generation: string, operations: number}>} staged
 *   by resource, how many operations of which generation count
 * @property {Record<string, string>} eventIds by resource, the attribute that
 *   holds the id of an event
 * @property {{resource: string, shape: string, window?: {start: number, end: number}}}
 *   [rewriting] what is to be rewritten to the end
 */

export class CheckpointEntity {
  #handle;
  #type;
  /** @type {Kept} what is stored */
  kept;

  /** @param {string} id the connector's */
  static async read(handle, id) {
    const entity = new CheckpointEntity();
    entity.#handle = handle;
    entity.#type = checkpointType(id);
    const find = (inner) => inner.getEntity(entity.#type, ID);
    const found = await handle.read('the checkpoint', find);
    entity.kept = { staged: {}, eventIds: {}, ...found?.attributes };
    return entity;
  }

  /** @param {Kept} kept */
  async keep(kept) {
    // A step without rows, such as the end of a wait, moves nothing.
    if (isEqual(kept, this.kept)) return;
    await this.#handle.write('entity', {
      type: this.#type,
      id: ID,
      attributes: kept,
      updated_at: Date.now(),
    });
    this.kept = kept;
  }
}
