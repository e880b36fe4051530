// A `StorageHandle` to which nothing is written once the signal has fired.

import { Aborted, SyncError } from '../sync_error.js';
import { NOTHING, parts } from './shapes.js';

export class GuardedHandle {
  #handle;
  #signal;

  /** @param {any} handle @param {AbortSignal} [signal] */
  constructor(handle, signal) {
    this.#handle = handle;
    this.#signal = signal;
  }

  async #do(what, act) {
    if (this.#signal?.aborted) throw new Aborted();
    let done;
    try {
      done = await act();
    } catch (error) {
      throw new SyncError(
        'storage',
        `the storage failed to ${what} (${error?.message ?? error}): what was stored before ` +
          'stays, and the next sync carries on from there',
        { cause: error },
      );
    }
    // rawdash silently drops a write after the signal, so this one may not have
    // been made. All later ones are dropped too, so no checkpoint covers it.
    if (this.#signal?.aborted) throw new Aborted();
    return done;
  }

  read(what, act) {
    return this.#do(`read ${what}`, () => act(this.#handle));
  }

  /** One call, whatever it replaces. */
  write(method, rows, scope) {
    return this.#do(`write ${method}`, () => this.#handle[method](rows, scope));
  }

  /** Adds rows and removes none. */
  async add(method, rows) {
    if (rows.length === 0) return;
    for (const part of parts(rows)) await this.write(method, part, NOTHING[method]);
  }

  /** Replaces what is in the scope; all at once where one call is enough. */
  async replace(method, rows, scope) {
    const [first, ...rest] = parts(rows);
    await this.write(method, first, scope);
    for (const part of rest) await this.write(method, part, NOTHING[method]);
  }
}
