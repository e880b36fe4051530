// Where the records and the checkpoint of one connector are kept, by means of
// rawdash's `StorageHandle`. That has no transaction, so writes are ordered so
// that a crash does no harm: new rows, then the removal of rows that the run did
// not return, then the checkpoint. After a crash the step is repeated from the
// previous checkpoint, which does not change what was written.

import { isDeepStrictEqual } from 'node:util';

import { SyncError } from '../sync_error.js';
import { readCheckpoint, rewritingType, stagingType, writeCheckpoint } from './checkpoint_entity.js';
import { span, unknownEvents } from './event_identity.js';
import { GuardedHandle } from './guarded_handle.js';
import { APPENDED, KEYED, MOST_ROWS } from './shape.js';
import { Staging, operationId } from './staging.js';

export class ConnectorStorage {
  #about;
  #handle;
  #staging;
  /** @type {import('./checkpoint_entity.js').Kept} */
  #kept;

  /** @param {any} handle rawdash's @param {AbortSignal} [signal] */
  static async open(about, handle, signal) {
    const storage = new ConnectorStorage();
    storage.#about = about;
    storage.#handle = new GuardedHandle(handle, signal);
    storage.#staging = new Staging(storage.#handle, about.id);
    storage.#kept = await readCheckpoint(storage.#handle, about.id);
    await storage.#endRewriting();
    await storage.#sweep();
    return storage;
  }

  /** The checkpoint stored last, if any. */
  get checkpoint() {
    return this.#kept.checkpoint;
  }

  /** Stores the batches of one step, then the checkpoint after them. */
  async commit(batches, checkpoint) {
    const kept = { ...this.#kept, checkpoint, staged: { ...this.#kept.staged } };
    const replaced = [];
    for (const batch of batches) {
      await this.#write(batch, kept);
      if (batch.effect.tag === 'replace-all') replaced.push(batch.resource);
    }
    await this.#keep(kept);
    // Not before: until the checkpoint is written the replacement may have to
    // be repeated.
    for (const resource of replaced) await this.#staging.clear(resource);
  }

  /** Drops what is staged for a resource that failed; what is stored stays. */
  async abandon(resource, checkpoint) {
    const { [resource]: dropped, ...staged } = this.#kept.staged;
    await this.#keep({ ...this.#kept, checkpoint, staged });
    if (dropped) await this.#staging.clear(resource);
  }

  async #keep(kept) {
    // A step without rows, such as the end of a wait, moves nothing.
    if (isDeepStrictEqual(kept, this.#kept)) return;
    await writeCheckpoint(this.#handle, this.#about.id, kept);
    this.#kept = kept;
  }

  async #write(batch, kept) {
    switch (batch.kind) {
      case 'events':
        return this.#addEvents(batch);
      case 'samples':
      case 'distributions':
        return this.#replaceWindow(batch);
      case 'removals':
        await this.#remove(batch);
        return this.#stage(batch.resource, { remove: batch.rows }, kept);
      default:
        return this.#writeKeyed(batch, kept);
    }
  }

  async #addEvents({ resource, rows }) {
    if (rows.length === 0) return;
    const query = { name: resource, ...span(rows) };
    const stored = await this.#handle.read('events', (inner) => inner.queryEvents(query));
    const { fields } = this.#about.resources.find(({ name }) => name === resource);
    await this.#handle.add(APPENDED.event, unknownEvents(fields, rows, stored));
  }

  #replaceWindow({ resource, shape, rows, effect }) {
    const scope = { names: [resource], replaceWindow: effect.window };
    return this.#handle.replace(APPENDED[shape], rows, scope);
  }

  async #writeKeyed({ resource, shape, rows, effect }, kept) {
    switch (effect.tag) {
      case 'merge':
        await this.#handle.add(KEYED[shape].method, await this.#changed(resource, shape, rows));
        return this.#stage(resource, { merge: rows }, kept);
      case 'stage':
        if (kept.staged[resource]?.generation !== effect.generation) {
          kept.staged[resource] = { generation: effect.generation, operations: 0 };
        }
        return this.#stage(resource, { stage: rows }, kept);
      default:
        return this.#replaceAll({ resource, shape, rows, effect }, kept);
    }
  }

  /** The rows that differ from the stored ones; most of a latest run are unchanged. */
  async #changed(resource, shape, rows) {
    if (shape !== 'entity') return rows;
    const changed = [];
    for (const row of rows) {
      const stored = await this.#handle.read('an entity', (inner) => inner.getEntity(resource, row.id));
      if (!isDeepStrictEqual(row, stored)) changed.push(row);
    }
    return changed;
  }

  /** Notes an operation on what is staged, if anything is. */
  async #stage(resource, operation, kept) {
    const staged = kept.staged[resource];
    if (!staged) return;
    await this.#staging.append(resource, staged.operations, operation);
    kept.staged[resource] = { ...staged, operations: staged.operations + 1 };
  }

  async #replaceAll({ resource, shape, rows, effect }, kept) {
    const { key, method, read } = KEYED[shape];
    const staged = kept.staged[resource];
    const count = staged?.generation === effect.generation ? staged.operations : 0;
    const whole = await this.#staging.rows(resource, shape, count);
    for (const row of rows) whole.set(key(row), row);
    const stored = await this.#handle.read(resource, (inner) => read(inner, resource));
    if (whole.size === 0 && stored.length > 0) {
      throw new SyncError(
        'upstream',
        `the source showed no ${resource} where ${stored.length} are stored; nothing was ` +
          'replaced, because an outage of its search looks the same: sync again later',
        { resource },
      );
    }
    const before = new Map(stored.map((row) => [key(row), row]));
    const changed = [...whole.values()].filter(
      (row) => !isDeepStrictEqual(row, before.get(key(row))),
    );
    await this.#handle.add(method, changed);
    if (stored.some((row) => !whole.has(key(row)))) {
      await this.#rewrite(resource, shape, [...whole.values()]);
    }
    delete kept.staged[resource];
  }

  async #remove({ resource, rows: ids }) {
    const gone = new Set();
    for (const id of ids) {
      const find = (inner) => inner.getEntity(resource, id);
      if (await this.#handle.read('an entity', find)) gone.add(id);
    }
    if (gone.size === 0) return;
    const read = (inner) => KEYED.entity.read(inner, resource);
    const stored = await this.#handle.read(resource, read);
    await this.#rewrite(resource, 'entity', stored.filter(({ id }) => !gone.has(id)));
  }

  /**
   * Makes these rows all that is stored: rawdash can remove a row only with all
   * others of its name, and write those again in the same call.
   */
  async #rewrite(resource, shape, rows) {
    const { method, scope } = KEYED[shape];
    if (rows.length <= MOST_ROWS) return this.#handle.write(method, rows, scope(resource));
    // More than one call, and a crash between two of them would lose the rest:
    // they are kept aside first, and the next sync ends what this one began.
    const type = rewritingType(this.#about.id, resource);
    const aside = rows.map((row, number) => ({
      type,
      id: String(number),
      attributes: { row },
      updated_at: 0,
    }));
    await this.#handle.replace('entities', aside, { types: [type] });
    await writeCheckpoint(this.#handle, this.#about.id, { ...this.#kept, rewriting: resource });
    await this.#handle.replace(method, rows, scope(resource));
    await this.#rewritten(resource);
  }

  async #rewritten(resource) {
    const { rewriting, ...kept } = this.#kept;
    await writeCheckpoint(this.#handle, this.#about.id, kept);
    this.#kept = kept;
    await this.#handle.write('entities', [], { types: [rewritingType(this.#about.id, resource)] });
  }

  /** Drops what a crash left behind after its checkpoint was written. */
  async #sweep() {
    for (const { name, shape } of this.#about.resources) {
      if (!KEYED[shape]) continue;
      const { id } = this.#about;
      if (!this.#kept.staged[name]) await this.#dropFirst(stagingType(id, name), operationId(0));
      await this.#dropFirst(rewritingType(id, name), '0');
    }
  }

  /** Drops all of a type, if its first entity is there. */
  async #dropFirst(type, id) {
    const find = (inner) => inner.getEntity(type, id);
    if (await this.#handle.read('what was left', find)) {
      await this.#handle.write('entities', [], { types: [type] });
    }
  }

  async #endRewriting() {
    const resource = this.#kept.rewriting;
    if (resource === undefined) return;
    const type = rewritingType(this.#about.id, resource);
    const aside = await this.#handle.read('what is to be rewritten', (inner) =>
      inner.queryEntities({ type }),
    );
    const { shape } = this.#about.resources.find(({ name }) => name === resource);
    const { method, scope } = KEYED[shape];
    const rows = aside.map(({ attributes }) => attributes.row);
    await this.#handle.replace(method, rows, scope(resource));
    await this.#rewritten(resource);
  }
}
