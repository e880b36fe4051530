// How rows of each shape are read and written with rawdash's `StorageHandle`.

/**
 * How many rows go into one call: rawdash's SQLite adapters bind every column
 * of every row of a call, edges have eight, and SQLite takes 32,766 values.
 */
export const MOST_ROWS = 4000;

/**
 * - `upserts`: a row takes the place of the stored one with its key; rows of
 *   other shapes are appended.
 * - `windows`: a call can replace the rows of a window; of other shapes all of
 *   the name.
 */
export const SHAPES = {
  event: {
    method: 'events',
    columns: ['name', 'start_ts', 'end_ts', 'attributes'],
    time: 'start_ts',
    scope: (name) => ({ names: [name] }),
    read: (handle, name, window) => handle.queryEvents({ name, ...window }),
  },
  metric: {
    method: 'metrics',
    columns: ['name', 'ts', 'value', 'attributes'],
    time: 'ts',
    windows: true,
    scope: (name, window) => ({ names: [name], ...(window && { replaceWindow: window }) }),
    read: (handle, name, window) => handle.queryMetrics({ name, ...window }),
  },
  distribution: {
    method: 'distributions',
    columns: ['name', 'ts', 'kind', 'data', 'attributes'],
    time: 'ts',
    windows: true,
    scope: (name, window) => ({ names: [name], ...(window && { replaceWindow: window }) }),
    read: (handle, name, window) => handle.queryDistributions({ name, ...window }),
  },
  entity: {
    method: 'entities',
    columns: ['type', 'id', 'attributes', 'updated_at'],
    upserts: true,
    scope: (name) => ({ types: [name] }),
    read: (handle, name) => handle.queryEntities({ type: name }),
  },
  edge: {
    method: 'edges',
    columns: ['from_type', 'from_id', 'kind', 'to_type', 'to_id', 'attributes', 'updated_at'],
    upserts: true,
    scope: (name) => ({ kinds: [name] }),
    read: (handle, name) => handle.traverse({ kind: name }),
  },
};

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
