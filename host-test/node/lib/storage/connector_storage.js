// Where the records and the checkpoint of one connector are kept, by means of
// rawdash's `StorageHandle`. That has no transaction, so writes are ordered so
// that a crash does no harm: rows first, then the checkpoint. After a crash the
// step is repeated from the previous checkpoint, which does not change what was
// written.

import { SyncError } from '../sync_error.js';
import { CheckpointEdge } from './checkpoint_edge.js';
import { holdingAttribute } from './event_identity.js';
import { GuardedHandle } from './guarded_handle.js';
import { findOwn, rewritingKind, stagingKind } from './own_edge.js';
import { PendingSteps } from './pending_steps.js';
import { Rewriting } from './rewriting.js';
import { Staging } from './staging.js';
import { Table } from './table.js';

export class ConnectorStorage {
  #id;
  #handle;
  #checkpoint;
  #staging;
  #rewriting;
  /** @type {Map<string, any>} */
  #resources;
  #pending = new PendingSteps();

  /** How often records were written. */
  written = 0;

  /** @param {string} id the connector's @param {any} handle rawdash's @param {AbortSignal} [signal] */
  static async open(id, handle, signal) {
    const storage = new ConnectorStorage();
    storage.#id = id;
    storage.#handle = new GuardedHandle(handle, signal);
    storage.#checkpoint = await CheckpointEdge.read(storage.#handle, id);
    storage.#staging = new Staging(storage.#handle, id);
    storage.#rewriting = new Rewriting(storage.#handle, id, storage.#checkpoint);
    await storage.#rewriting.end();
    return storage;
  }

  /** The checkpoint stored last, if any. */
  get checkpoint() {
    return this.#checkpoint.kept.checkpoint;
  }

  /** By resource, since when its last complete run was wanted, where there was a bound. */
  get bounds() {
    return this.#checkpoint.kept.bounds;
  }

  /** Called once before the first step: the resources as the configuration has them. */
  async prepare(resources) {
    this.#resources = new Map(resources.map((info) => [info.name, info]));
    await this.#sweep();
  }

  /**
   * Stores a step, at once or together with later ones: until `flush` it may be
   * lost, and is repeated then.
   * @param {number} now on any clock
   */
  async store(batches, checkpoint, now) {
    if (PendingSteps.canHold(batches)) {
      if (this.#pending.hold(batches, checkpoint, now)) await this.flush();
      return;
    }
    await this.flush();
    await this.commit(batches, checkpoint);
  }

  /** Writes the steps that are held. */
  async flush() {
    const step = this.#pending.take();
    if (step) await this.commit(step.batches, step.checkpoint);
  }

  /** Writes the batches of a step, then the checkpoint after them. */
  async commit(batches, checkpoint) {
    const { staged, eventIds, ...rest } = this.#checkpoint.kept;
    const kept = { ...rest, checkpoint, staged: { ...staged }, eventIds: { ...eventIds } };
    for (const batch of batches) await this.#writeOf(batch, kept);
    await this.#checkpoint.keep(kept);
    if (batches.length > 0) this.written += 1;
    // Not before: until the checkpoint is written a publication may have to be
    // repeated.
    const published = batches.filter(({ effect }) => effect.tag === 'publish');
    for (const { resource } of published) {
      if (!kept.staged[resource]) await this.#staging.clear(resource);
    }
  }

  /**
   * Stores that the run of a resource ended. What is staged for it stays where it
   * is postponed and is dropped otherwise; what is stored stays.
   * @param {{state: import('../ledger.js').State, since?: number}} end `since` of a
   *   requested run that is complete: its bound, 0 without one
   */
  async endRun(resource, { state, since }, checkpoint) {
    await this.flush();
    const { bounds: before, ...rest } = this.#checkpoint.kept;
    const { [resource]: known, ...others } = before;
    const bound = since ?? known ?? 0;
    const bounds = bound > 0 ? { ...others, [resource]: bound } : others;
    const kept = { ...rest, bounds, checkpoint };
    const { [resource]: dropped, ...staged } = kept.staged;
    if (state === 'postponed' || !dropped) return this.#checkpoint.keep(kept);
    await this.#checkpoint.keep({ ...kept, staged });
    return this.#staging.clear(resource);
  }

  async #writeOf(batch, kept) {
    try {
      await this.#write(batch, kept);
    } catch (error) {
      if (error instanceof SyncError) error.resource ??= batch.resource;
      throw error;
    }
  }

  async #write(batch, kept) {
    const { resource, areRemovals, effect } = batch;
    const table = this.#table(batch, kept);
    if (areRemovals) {
      const keys = table.keys(batch.rows);
      await table.remove(keys);
      return this.#note(resource, { remove: keys }, kept);
    }
    const rows = table.rows(batch.rows);
    switch (effect.tag) {
      case 'replace-window':
        return table.replaceWindow(rows, effect.window);
      case 'replace-from':
        return table.replaceFrom(rows, effect.nodes);
      case 'stage':
        return this.#stage(resource, rows, effect, kept);
      case 'publish':
        return this.#publish(resource, rows, effect, { table, kept });
      default:
        await table.merge(rows);
        return this.#note(resource, { merge: rows }, kept);
    }
  }

  /** The table of a batch, with what its events are recognised by from now on. */
  #table({ resource, areRemovals, rows }, kept) {
    const info = this.#resources.get(resource);
    if (info.shape === 'event' && !areRemovals && rows.length > 0) {
      kept.eventIds[resource] ??= holdingAttribute(info.fields, rows);
    }
    return new Table(this.#handle, this.#rewriting, info, kept.eventIds[resource]);
  }

  #stage(resource, rows, { generation }, kept) {
    if (kept.staged[resource]?.generation !== generation) {
      kept.staged[resource] = { generation, operations: 0 };
    }
    return this.#note(resource, { stage: rows }, kept);
  }

  /** Notes an operation on what is staged, if anything is. */
  async #note(resource, operation, kept) {
    const staged = kept.staged[resource];
    if (!staged) return;
    await this.#staging.append(resource, staged.operations, operation);
    kept.staged[resource] = { ...staged, operations: staged.operations + 1 };
  }

  async #publish(resource, rows, effect, { table, kept }) {
    const staged = kept.staged[resource];
    const count = staged?.generation === effect.generation ? staged.operations : 0;
    const whole = await this.#staging.rows(resource, table.key, count);
    for (const row of rows) whole.set(table.key(row), row);
    await table.publish([...whole.values()], effect);
    delete kept.staged[resource];
  }

  /** Drops what a crash left behind after its checkpoint was written. */
  async #sweep() {
    for (const name of this.#resources.keys()) {
      const isStaged = this.#checkpoint.kept.staged[name] !== undefined;
      if (!isStaged) await this.#drop(stagingKind(this.#id, name), '0');
      await this.#drop(rewritingKind(this.#id, name), '0');
    }
  }

  /** Drops all of a kind, if its first edge is there. */
  async #drop(kind, first) {
    if (await this.#handle.read('what was left', findOwn(kind, first))) {
      await this.#handle.write('edges', [], { kinds: [kind] });
    }
  }
}
