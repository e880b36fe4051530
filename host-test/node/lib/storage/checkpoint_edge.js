// The checkpoint, kept among the connector's own rows as an edge of a kind of its
// own.

import { isEqual } from '../equality.js';
import { checkpointKind, findOwn, ownEdge } from './own_edge.js';

const NAME = 'checkpoint';

/**
 * @typedef {object} Kept
 * @property {string} [checkpoint] the component's; absent before the first step
 * @property {Record<string, {generation: string, operations: number}>} staged
 *   by resource, how many operations of which generation count
 * @property {Record<string, string>} eventIds by resource, the attribute that
 *   holds the id of an event
 * @property {Record<string, number>} bounds by resource, since when its last
 *   complete run was wanted, where there was a bound
 * @property {{resource: string, shape: string, window?: {start: number, end: number}}}
 *   [rewriting] what is to be rewritten to the end
 */

export class CheckpointEdge {
  #handle;
  #kind;
  /** @type {Kept} what is stored */
  kept;

  /** @param {string} id the connector's */
  static async read(handle, id) {
    const edge = new CheckpointEdge();
    edge.#handle = handle;
    edge.#kind = checkpointKind(id);
    const found = await handle.read('the checkpoint', findOwn(edge.#kind, NAME));
    edge.kept = { staged: {}, eventIds: {}, bounds: {}, ...found?.attributes };
    return edge;
  }

  /** @param {Kept} kept */
  async keep(kept) {
    // A step without rows, such as the end of a wait, moves nothing.
    if (isEqual(kept, this.kept)) return;
    await this.#handle.write('edge', ownEdge(this.#kind, NAME, kept, Date.now()));
    this.kept = kept;
  }
}
