// One instance of the component at work: steps asked for, stored with their
// checkpoint, waits waited.

import { IDLE_STEPS, LONGEST_WAIT_MS, RECORDS } from './limits.js';
import { Aborted, SyncError } from './sync_error.js';

const breach = (what) => new SyncError('component', `the component broke the contract: ${what}`);
const atTheLimit = (limit) =>
  new SyncError(
    'component',
    `the component was stopped at the limit of ${limit}: this is a defect of the component, tell ` +
      'its author',
  );

/** How many denials of the steps before are kept. */
const KEPT_DENIALS = 16;

/** A component must not blame the host. */
const OF_THE_HOST = ['configuration', 'checkpoint', 'storage', 'component', 'wait'];

function configureError({ tag, val }) {
  if (tag === 'checkpoint') return new SyncError('checkpoint', val);
  const lines = val.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new SyncError('configuration', lines.join('\n'));
}

export class Session {
  #instance;
  #about;
  #storage;
  #clock;
  #log;
  #redaction;
  #signal;
  #run;
  /** @type {SyncError[]} */
  #failed = [];
  /** @type {string[]} */
  #denied = [];
  #restUntil = -Infinity;
  #records = 0;
  #idle = { steps: 0, requests: 0 };

  /** How many steps with records were stored. */
  progressed = 0;
  /** Whether the instance is ahead of what is stored, and useless. */
  ahead = false;

  constructor({ instance, about, storage, clock, log, redaction, signal }) {
    this.#instance = instance;
    this.#about = about;
    this.#storage = storage;
    this.#clock = clock;
    this.#log = log;
    this.#redaction = redaction;
    this.#signal = signal;
  }

  async configure(configuration, secrets) {
    const text = JSON.stringify(configuration);
    const { refused } = await this.#call('configure', text, secrets, this.#storage.checkpoint);
    if (refused) throw configureError(refused);
  }

  close() {
    this.#instance.close();
  }

  /**
   * Takes steps until all is done, or until a time.
   * @param {import('./request.js').Request} request
   * @param {number} until on the clock
   * @param {string[]} names the resources that are asked for
   * @returns {Promise<boolean>} whether all is done
   */
  async advance(request, until, names) {
    for (;;) {
      if (this.#signal?.aborted) throw new Aborted();
      const now = this.#clock.now();
      if (now >= until) return false;
      if (now < this.#restUntil) {
        await this.#clock.sleep(Math.min(this.#restUntil, until) - now, this.#signal);
      } else if (await this.#step(request, names)) {
        return true;
      }
    }
  }

  async #call(name, ...args) {
    try {
      return await this.#instance.call(name, ...args);
    } catch (error) {
      // Ended by the signal, the instance breaks down.
      throw this.#signal?.aborted ? new Aborted() : error;
    }
  }

  /** One step; whether it was the last. */
  async #step(request, names) {
    const { value, refused } = await this.#call('step', request, this.#about);
    this.#instance.takeCredentials().forEach((value) => this.#redaction.learn(value));
    const denials = this.#instance.takeDenials();
    denials.forEach((denial) => this.#log.warn(denial));
    this.#denied = [...new Set([...this.#denied, ...denials])].slice(-KEPT_DENIALS);
    // A certificate refused some steps ago is reported with the final failure.
    if (refused) throw this.#failure(refused, refused.kind === 'untrusted' ? this.#denied : denials);
    const { step, checkpoint } = value;
    const leaked = this.#redaction.finds(checkpoint);
    if (leaked) throw breach(`its checkpoint holds the secret ${leaked}`);
    if (!this.#run && !['began', 'wait'].includes(step.tag)) {
      throw breach("a run's first step was not `began`");
    }
    switch (step.tag) {
      case 'began':
        if (this.#run) throw breach('a run began within a run');
        this.#run = step.val;
        return this.#commit([], checkpoint);
      case 'batches':
        return this.#commit(step.val, checkpoint);
      case 'wait':
        await this.#commit([], checkpoint);
        return this.#rest(step.val);
      case 'resource-failed':
        return this.#abandon(step.val, checkpoint);
      default:
        return this.#done(checkpoint, names);
    }
  }

  async #store(act) {
    try {
      await act();
    } catch (error) {
      this.ahead = true;
      throw error;
    }
  }

  async #commit(batches, checkpoint) {
    this.#meter(batches);
    await this.#store(() => this.#storage.commit(batches, checkpoint));
    batches.forEach((batch) => this.#log.stored(batch));
    if (batches.length > 0) this.progressed += 1;
    return false;
  }

  /** Ends a run that would never end by itself. */
  #meter(batches) {
    const brought = batches.reduce((sum, { rows }) => sum + rows.length, 0);
    this.#records += brought;
    if (this.#records > RECORDS) throw atTheLimit(`records of one run (${RECORDS})`);
    const { requests } = this.#instance;
    if (brought > 0 || requests !== this.#idle.requests) this.#idle = { steps: 0, requests };
    this.#idle.steps += 1;
    if (this.#idle.steps > IDLE_STEPS) {
      throw atTheLimit(`steps in a row without a record or a request (${IDLE_STEPS})`);
    }
  }

  #rest(ms) {
    if (ms > LONGEST_WAIT_MS) {
      const back = new Date(Date.now() + ms).toISOString();
      throw new SyncError(
        'wait',
        `the source requires a pause of ${Math.round(ms / 1000)} s, longer than the ` +
          `${LONGEST_WAIT_MS / 1000} s of a sync: sync again at ${back}`,
        { retryAfter: ms },
      );
    }
    this.#restUntil = this.#clock.now() + ms;
    return false;
  }

  async #abandon(failure, checkpoint) {
    const known = this.#about.resources.some(({ name }) => name === failure.resource);
    if (!known) throw breach('a resource failed that its manifest does not have');
    await this.#store(() => this.#storage.abandon(failure.resource, checkpoint));
    const error = this.#failure(failure, []);
    this.#log.failed(error);
    this.#failed.push(error);
    return false;
  }

  async #done(checkpoint, names) {
    await this.#store(() => this.#storage.commit([], checkpoint));
    const { deferred } = this.#run;
    this.#run = undefined;
    // The run had begun with another request: what was asked comes now.
    if (deferred) return false;
    const failed = this.#failed.map(({ resource }) => resource);
    names.filter((name) => !failed.includes(name)).forEach((name) => this.#log.done(name));
    if (this.#failed.length === 0) return true;
    const [{ kind, resource, status }] = this.#failed;
    const message = [...new Set(this.#failed.map((error) => error.message))].join('; ');
    const of = this.#failed.length === 1 ? { resource, status } : {};
    const lasting = kind === 'upstream' ? 'request' : kind;
    throw Object.assign(new SyncError(lasting, message, of), { told: true });
  }

  #failure({ kind, message, resource, status, retryAfter }, denials) {
    const told = [message, ...denials].join('; ');
    return new SyncError(
      OF_THE_HOST.includes(kind) ? 'upstream' : kind,
      told,
      { resource, status, retryAfter },
    );
  }
}
