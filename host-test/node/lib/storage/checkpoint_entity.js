// The checkpoint, kept among the connector's own rows as an entity of a type of
// its own: rawdash has no other place for it.

/** @param {string} id the connector's, as in its manifest */
export const checkpointType = (id) => `${id}_connector_checkpoint`;

/** Where the operations of a replacement that is not whole yet are kept. */
export const stagingType = (id, resource) => `${id}_connector_staged:${resource}`;

/** Where the rows of a rewriting that takes several calls are kept. */
export const rewritingType = (id, resource) => `${id}_connector_rewriting:${resource}`;

const ID = 'checkpoint';

/**
 * @typedef {object} Kept
 * @property {string} [checkpoint] the component's; absent before the first run
 * @property {Record<string, {generation: string, operations: number}>} staged
 *   by resource, how many operations of which generation count
 * @property {string} [rewriting] the resource whose rewriting is to be ended
 */

/** @returns {Promise<Kept>} */
export async function readCheckpoint(handle, id) {
  const find = (inner) => inner.getEntity(checkpointType(id), ID);
  const found = await handle.read('the checkpoint', find);
  const { checkpoint, staged, rewriting } = found?.attributes ?? {};
  return { checkpoint, staged: staged ?? {}, ...(rewriting && { rewriting }) };
}

/** @param {Kept} kept */
export function writeCheckpoint(handle, id, kept) {
  return handle.write('entity', {
    type: checkpointType(id),
    id: ID,
    attributes: kept,
    updated_at: Date.now(),
  });
}
