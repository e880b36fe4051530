// The rows of one resource in rawdash's storage, identified as in the contract.

import { isEqual } from '../equality.js';

import { EmptyReplacement, breach } from '../sync_error.js';
import { eventId, withId } from './event_identity.js';
import { SHAPES } from './shapes.js';

const edgeKey = (row) => JSON.stringify([row.from_type, row.from_id, row.to_type, row.to_id]);

/** What identifies a row of the resource. */
function keyOf({ shape, fields, dimensions }, holding) {
  switch (shape) {
    case 'entity':
      return (row) => row.id;
    case 'edge':
      return edgeKey;
    case 'event':
      return (row) => eventId(row, fields, holding);
    default:
      return ({ ts, attributes }) =>
        JSON.stringify([ts, ...dimensions.map(({ name }) => attributes[name] ?? null)]);
  }
}

export class Table {
  #handle;
  #rewriting;
  #info;
  #holding;
  #shape;
  key;

  /**
   * @param {any} info the resource, as the configuration has it
   * @param {string} [holding] the attribute that holds the id of its events
   */
  constructor(handle, rewriting, info, holding) {
    this.#handle = handle;
    this.#rewriting = rewriting;
    this.#info = info;
    this.#holding = holding;
    this.#shape = SHAPES[info.shape];
    this.key = keyOf(info, holding);
  }

  /** A step's records as rows. */
  rows(records) {
    if (this.#info.shape !== 'event') return records;
    return records.map((event) => withId(event, this.#info.fields, this.#holding));
  }

  /** What identifies the rows that a step removes. */
  keys(removals) {
    return this.#info.shape === 'edge' ? removals.map(edgeKey) : removals;
  }

  /** Puts each row in the place of the one with its key. */
  async merge(rows) {
    if (rows.length === 0) return;
    const window = this.#span(rows);
    await this.#change(rows, await this.#counterparts(rows, window), () => false, window);
  }

  async remove(keys) {
    if (this.#info.shape === 'entity' && (await this.#entities(keys)).length === 0) return;
    const gone = new Set(keys);
    const stored = await this.#read();
    const rest = stored.filter((row) => !gone.has(this.key(row)));
    if (rest.length < stored.length) await this.#rewriting.rewrite(this.#info, rest);
  }

  /** Replaces the rows that lie within the window. */
  async replaceWindow(rows, window) {
    await this.#change(rows, await this.#read(window), this.#within(window), window);
  }

  /** Replaces the edges that start at the nodes. */
  async replaceFrom(rows, nodes) {
    const starts = ({ type, id }) => ({ kind: this.#info.name, fromType: type, fromId: id });
    const stored = [];
    for (const node of nodes) {
      stored.push(...(await this.#query((inner) => inner.traverse(starts(node)))));
    }
    const from = new Set(nodes.map(({ type, id }) => JSON.stringify([type, id])));
    const goes = (row) => from.has(JSON.stringify([row.from_type, row.from_id]));
    await this.#change(rows, stored, goes);
  }

  /** Replaces everything, or what lies within the window where there is one. */
  async publish(rows, { window, emptyIsTrue }) {
    const { name } = this.#info;
    const goes = this.#within(window);
    if (!rows.every(goes)) {
      throw breach(`rows staged for ${name} lie outside the window that they replace`);
    }
    const stored = await this.#read(window);
    if (rows.length === 0 && stored.length > 0 && !emptyIsTrue) {
      throw new EmptyReplacement(name, stored.length);
    }
    await this.#change(rows, stored, goes, window);
  }

  /**
   * Makes the rows stored, and removes others that go.
   * @param {any[]} stored the rows that they may replace, and those that may go;
   *   of a shape with windows all of the window
   * @param {(row: any) => boolean} goes of any row of the resource
   */
  async #change(rows, stored, goes, window) {
    const wanted = new Map(rows.map((row) => [this.key(row), row]));
    const known = stored.filter((row) => wanted.has(this.key(row)));
    const before = new Map(known.map((row) => [this.key(row), row]));
    const changed = [...wanted].filter(([key, row]) => !isEqual(row, before.get(key)));
    const { method, upserts, windows } = this.#shape;
    const removes = stored.some((row) => goes(row) && !wanted.has(this.key(row)));
    const replaces = !upserts && changed.some(([key]) => before.has(key));
    // Another program may have stored a row twice.
    const doubled = known.length > before.size;
    if (!removes && !replaces && !doubled) {
      return this.#handle.add(method, changed.map(([, row]) => row));
    }
    const all = windows ? stored : await this.#read();
    const rest = all.filter((row) => !goes(row) && !wanted.has(this.key(row)));
    return this.#rewriting.rewrite(this.#info, [...rest, ...wanted.values()], window);
  }

  /** The stored rows that may have the keys of these. */
  #counterparts(rows, window) {
    switch (this.#info.shape) {
      case 'entity':
        return this.#entities(rows.map(({ id }) => id));
      // Each is written, changed or not.
      case 'edge':
        return [];
      default:
        return this.#read(window);
    }
  }

  async #entities(ids) {
    const found = [];
    for (const id of ids) {
      const find = async (inner) => [await inner.getEntity(this.#info.name, id)];
      found.push(...(await this.#query(find)));
    }
    return found;
  }

  #read(window) {
    return this.#query((inner) => this.#shape.read(inner, this.#info.name, window));
  }

  /** The rows that a query finds, with the columns that this host writes. */
  async #query(act) {
    const found = await this.#handle.read(this.#info.name, act);
    const { columns } = this.#shape;
    return found
      .filter((row) => row !== null && row !== undefined)
      .map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
  }

  /** The span in which rows with a time lie; both ends belong to it. */
  #span(rows) {
    const { time } = this.#shape;
    if (time === undefined) return undefined;
    const start = rows.reduce((low, row) => Math.min(low, row[time]), Infinity);
    const end = rows.reduce((high, row) => Math.max(high, row[time]), -Infinity);
    return { start, end };
  }

  #within(window) {
    const { time } = this.#shape;
    return (row) => window === undefined || (row[time] >= window.start && row[time] <= window.end);
  }
}
