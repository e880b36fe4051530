// What this host keeps for itself among a connector's rows, as edges of kinds of
// its own. rawdash has no other place for it; of the shapes that are written by
// key, edges are the one whose rows need no declaration, and the one that its
// retention leaves alone.

/** @param {string} id the connector's, as in its manifest */
export const checkpointKind = (id) => `${id}_connector_checkpoint`;

/** Where the operations of a replacement that is not complete yet are kept. */
export const stagingKind = (id, resource) => `${id}_connector_staged:${resource}`;

/** Where the rows of a rewriting that takes several calls are kept. */
export const rewritingKind = (id, resource) => `${id}_connector_rewriting:${resource}`;

/** Both ends are of this type; the first names the content, the other nothing. */
const NODE = 'connector';

/**
 * @param {string} kind
 * @param {string} name of the content among those of the kind
 * @param {object} attributes the content
 */
export const ownEdge = (kind, name, attributes, at = 0) => ({
  from_type: NODE,
  from_id: name,
  kind,
  to_type: NODE,
  to_id: NODE,
  attributes,
  updated_at: at,
});

/** The name of an edge's content. */
export const nameOf = (edge) => edge.from_id;

/** Finds the edge of a name; undefined if there is none. */
export const findOwn = (kind, name) => async (inner) =>
  (await inner.traverse({ kind, fromType: NODE, fromId: name }))[0];

/** Finds all edges of a kind. */
export const allOwn = (kind) => (inner) => inner.traverse({ kind });
