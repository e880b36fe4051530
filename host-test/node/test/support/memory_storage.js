// A `StorageHandle` that behaves as rawdash's SQLite adapters do: events are
// appended, a call with a scope replaces what is in it, one with too many
// values is refused, and a write after the signal is dropped without a word.

/** SQLite's. */
const MOST_VALUES = 32_766;

const COLUMNS = { events: 5, entities: 5, metrics: 5, edges: 8, distributions: 6 };
const TABLES = Object.keys(COLUMNS);
const SINGLE = { event: 'events', entity: 'entities', metric: 'metrics', edge: 'edges', distribution: 'distributions' };
const SCOPE = { events: 'names', metrics: 'names', distributions: 'names', entities: 'types', edges: 'kinds' };
const NAME = { events: 'name', metrics: 'name', distributions: 'name', entities: 'type', edges: 'kind' };
const KEY = {
  entities: ({ type, id }) => JSON.stringify([type, id]),
  edges: (row) => JSON.stringify([row.from_type, row.from_id, row.kind, row.to_type, row.to_id]),
};

const stored = (row) => {
  for (const at of ['start_ts', 'ts', 'updated_at']) {
    if (at in row && !Number.isSafeInteger(row[at])) throw new Error(`${at} is no integer: ${row[at]}`);
  }
  if (row.attributes === null || typeof row.attributes !== 'object') throw new Error('no attributes');
  // As a column of text returns it.
  return JSON.parse(JSON.stringify(row));
};

export class MemoryStorage {
  tables = Object.fromEntries(TABLES.map((table) => [table, []]));
  /** Calls that changed something, as `method` and how many rows. */
  writes = [];
  /** Called with the number of each write, from 1, before and after it; may throw. */
  before = () => {};
  after = () => {};
  dropped = 0;

  /** A handle as the engine gives it for one sync. */
  handle(signal) {
    this.#signal = signal;
    return this.#handles.get(signal) ?? this.#make(signal);
  }

  #signal;
  #handles = new Map();

  #make(signal) {
    const write = (method, act) => async (...given) => {
      if (signal?.aborted) {
        this.dropped += 1;
        return undefined;
      }
      const number = this.writes.push({ method, rows: Array.isArray(given[0]) ? given[0].length : 1 });
      await this.before(number);
      act(...given);
      await this.after(number);
      return undefined;
    };
    const handle = {
      queryEvents: async (query) => this.#between('events', 'start_ts', query),
      queryMetrics: async (query) => this.#between('metrics', 'ts', query),
      queryDistributions: async (query) => this.#between('distributions', 'ts', query),
      queryEntities: async ({ type }) => this.rows('entities', type),
      getEntity: async (type, id) =>
        structuredClone(this.tables.entities.find((row) => row.type === type && row.id === id)) ?? null,
      traverse: async ({ kind, fromType, fromId }) =>
        this.rows('edges', kind).filter(
          (row) =>
            (fromType === undefined || row.from_type === fromType) &&
            (fromId === undefined || row.from_id === fromId),
        ),
      deleteOlderThan: async (shape) => {
        throw new Error(`Unsupported shape for deleteOlderThan: ${shape}`);
      },
    };
    for (const table of TABLES) handle[table] = write(table, (...given) => this.#replace(table, ...given));
    for (const [method, table] of Object.entries(SINGLE)) {
      handle[method] = write(method, (row) => this.#insert(table, [row]));
    }
    this.#handles.set(signal, handle);
    return handle;
  }

  rows(table, name) {
    return structuredClone(this.tables[table].filter((row) => row[NAME[table]] === name));
  }

  #between(table, column, { name, start = -Infinity, end = Infinity }) {
    return this.rows(table, name).filter((row) => row[column] >= start && row[column] <= end);
  }

  #replace(table, rows, scope) {
    if (rows.length * COLUMNS[table] > MOST_VALUES) throw new Error('too many SQL variables');
    const names = scope?.[SCOPE[table]] ?? rows.map((row) => row[NAME[table]]);
    const { start = -Infinity, end = Infinity } = scope?.replaceWindow ?? {};
    const fresh = rows.map(stored);
    const stays = (row) => !names.includes(row[NAME[table]]) || row.ts < start || row.ts > end;
    this.tables[table] = this.tables[table].filter(stays);
    this.#insert(table, fresh);
  }

  #insert(table, rows) {
    const fresh = rows.map(stored);
    if (!KEY[table]) return void this.tables[table].push(...fresh);
    const byKey = new Map(this.tables[table].map((row) => [KEY[table](row), row]));
    for (const row of fresh) byKey.set(KEY[table](row), row);
    this.tables[table] = [...byKey.values()];
  }
}
