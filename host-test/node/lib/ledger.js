// Which runs are under way in a sync, and which have ended. Pure.

import { breach } from './sync_error.js';

/**
 * @typedef {{resource: string, mode: 'full' | 'latest', resumed: boolean}} Run
 * @typedef {'complete' | 'failed' | 'postponed'} State
 * @typedef {{stage: 'waiting'} | {stage: 'under way', run: Run}
 *   | {stage: 'ended', run: Run, state: State, error?: Error}} Entry
 */

export class Ledger {
  /** @type {Map<string, Entry>} every resource that the configuration allows */
  #entries;
  #wanted;

  /**
   * @param {{name: string}[]} allowed
   * @param {{wants: {resource: string}[]}} request
   */
  constructor(allowed, { wants }) {
    const names = allowed.map(({ name }) => name);
    this.#entries = new Map(names.map((name) => [name, { stage: 'waiting' }]));
    const requested = wants.map(({ resource }) => resource);
    this.#wanted = wants.length === 0 ? names : names.filter((name) => requested.includes(name));
  }

  knows(resource) {
    this.#entry(resource);
  }

  /** @param {Run} run */
  began(run) {
    const { stage } = this.#entry(run.resource);
    const named = JSON.stringify(run.resource);
    if (!this.#wanted.includes(run.resource)) {
      throw breach(`a run of ${named} began, which is not wanted`);
    }
    if (stage === 'under way') throw breach(`a run of ${named} began within a run of it`);
    if (run.mode === 'auto') throw breach(`a run of ${named} began in mode auto`);
    this.#entries.set(run.resource, { stage: 'under way', run });
  }

  /** @param {{resource: string}[]} batches */
  batches(batches) {
    batches.forEach(({ resource }) => this.#underWay(resource));
  }

  /** @param {State} state @param {Error} [error] why it is not complete */
  ended(resource, state, error) {
    const { run } = this.#underWay(resource);
    this.#entries.set(resource, { stage: 'ended', run, state, error });
  }

  /**
   * The storage refuses what the run of a resource publishes: it is postponed.
   * Other runs under way are to be resumed from the checkpoint.
   * @param {Error} error why
   */
  refused(resource, error) {
    this.ended(resource, 'postponed', error);
    for (const [name, { stage }] of this.#entries) {
      if (stage === 'under way') this.#entries.set(name, { stage: 'waiting' });
    }
  }

  /** The names of what is wanted and has not ended. */
  unread() {
    // A resumed run that is complete is followed by the requested one.
    const ended = ({ stage, run, state }) =>
      stage === 'ended' && !(run.resumed && state === 'complete');
    return this.#requested().flatMap(([name, entry]) => (ended(entry) ? [] : [name]));
  }

  /** That `done` is true: every wanted resource has ended as requested. */
  done() {
    for (const [name, { stage, run, state }] of this.#requested()) {
      const named = JSON.stringify(name);
      if (stage !== 'ended') throw breach(`it returned \`done\` before a run of ${named} had ended`);
      if (run.resumed && state === 'complete') {
        throw breach(
          `it returned \`done\` after a resumed run of ${named}, without the requested one`,
        );
      }
    }
  }

  /**
   * The wanted resources that are not complete as requested. Those whose run has
   * ended have a state and an error.
   * @returns {{name: string, state?: State, error?: Error}[]}
   */
  rest() {
    return this.#requested().flatMap(([name, { state, run, error }]) => {
      if (state !== 'complete') return [{ name, state, error }];
      return run.resumed ? [{ name }] : [];
    });
  }

  /** @returns {[string, any][]} */
  #requested() {
    return this.#wanted.map((name) => [name, this.#entries.get(name)]);
  }

  #underWay(resource) {
    const entry = this.#entry(resource);
    if (entry.stage === 'under way') return entry;
    throw breach(`no run of ${JSON.stringify(resource)} is under way`);
  }

  #entry(resource) {
    const entry = this.#entries.get(resource);
    if (entry) return entry;
    throw breach(`the configuration allows no resource ${JSON.stringify(resource)}`);
  }
}
