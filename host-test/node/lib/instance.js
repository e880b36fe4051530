// One instance of a component: called one call at a time, within its time, with
// requests that go where they may.

import { readAttributes } from './guest/attributes.js';
import { Breach } from './guest/breach.js';
import { CALL_MS } from './limits.js';
import { SyncError, atTheLimit, breach } from './sync_error.js';

/** What a component's failure is to the engine. */
function failure(error) {
  if (error instanceof SyncError) return error;
  const cause = String(error?.message ?? error);
  return error instanceof Breach ? breach(cause) : trap(cause);
}

export const trap = (cause) =>
  new SyncError(
    'component',
    `the component crashed (trap: ${cause}): this is a bug in the component, report it to its ` +
      'author',
  );

/** Where the component runs is for the classes that extend this one. */
export class Instance {
  #transport;
  #clock;
  #reject = () => {};
  #broken;

  /** @param {import('./http/transport.js').Transport} transport */
  constructor(transport, clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  /** From now on its requests may go where this leads. */
  open(egress) {
    this.#transport.open(egress);
  }

  /** Requests sent so far. */
  get requests() {
    return this.#transport.requests;
  }

  /** The requests that were not sent since the last call. */
  takeDenials() {
    return this.#transport.takeDenials();
  }

  /** What requests were authorized with since the last call. */
  takeCredentials() {
    return this.#transport.takeCredentials();
  }

  /**
   * Calls the component, one call at a time.
   * @returns {Promise<{value?: any, refused?: any}>}
   */
  async call(name, ...args) {
    if (this.#broken) throw this.#broken;
    const broken = new Promise((_, reject) => (this.#reject = reject));
    const stop = this.watch();
    try {
      const answer = await Promise.race([this.enter(name, args), broken]);
      if (name === 'step' && answer.value) readAttributes(answer.value.step);
      return answer;
    } catch (error) {
      this.break(error);
      throw this.#broken;
    } finally {
      stop();
    }
  }

  /** Ends it, and every request of it, now. */
  close() {
    this.#transport.close();
    this.break(trap('it was ended'));
  }

  /** No call of it succeeds any more. */
  break(error) {
    this.#broken ??= failure(error);
    this.#reject(this.#broken);
  }

  /** Ends it at a limit. */
  limit(limit) {
    this.break(atTheLimit(limit));
    this.close();
  }

  /** Watches one call's time; the answer ends that. */
  watch() {
    const late = () => this.limit(`time of one call (${CALL_MS / 1000} s)`);
    return this.#clock.after(CALL_MS, late);
  }
}
