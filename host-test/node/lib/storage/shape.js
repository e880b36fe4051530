// How rows of a shape are written and read with rawdash's `StorageHandle`.

/**
 * How many rows go into one call: rawdash's SQLite adapters bind every column
 * of every row of a call, edges have eight, and SQLite takes 32,766 values.
 */
export const MOST_ROWS = 4000;

/** Whose rows are replaced one by one: entities by id, edges by their six columns. */
export const KEYED = {
  entity: {
    method: 'entities',
    scope: (name) => ({ types: [name] }),
    read: (handle, name) => handle.queryEntities({ type: name }),
    key: (row) => row.id,
  },
  edge: {
    method: 'edges',
    scope: (name) => ({ kinds: [name] }),
    read: (handle, name) => handle.traverse({ kind: name }),
    key: (row) => JSON.stringify([row.from_type, row.from_id, row.to_type, row.to_id]),
  },
};

/** Whose rows have no key, and are appended. */
export const APPENDED = { event: 'events', metric: 'metrics', distribution: 'distributions' };

/** The scope with which a call removes nothing: without one it would remove all. */
export const NOTHING = {
  events: { names: [] },
  metrics: { names: [] },
  distributions: { names: [] },
  entities: { types: [] },
  edges: { kinds: [] },
};

/** The rows in as many parts as calls are needed; at least one. */
export function parts(rows) {
  const count = Math.max(1, Math.ceil(rows.length / MOST_ROWS));
  return Array.from({ length: count }, (_, nth) => rows.slice(nth * MOST_ROWS, (nth + 1) * MOST_ROWS));
}
