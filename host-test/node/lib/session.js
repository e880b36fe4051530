// One instance of the component at work: steps taken, stored with their
// checkpoint, waits waited.

import { checkResources } from './check_resources.js';
import { Ledger } from './ledger.js';
import { LONGEST_WAIT_MS } from './limits.js';
import { Meter } from './meter.js';
import { Aborted, EmptyReplacement, SyncError, breach } from './sync_error.js';
import { UnfinishedError, timeAfter } from './unfinished.js';

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
  /** @type {Ledger | undefined} of the sync under way */
  #ledger;
  /** @type {[string, any[]] | undefined} the configuration that was accepted, and its secrets */
  #accepted;
  /** @type {string[] | undefined} what is still wanted, once a publication was refused */
  #unread;
  #meter = new Meter();
  /** @type {string[]} the requests that were denied, the last ones */
  #denied = [];
  /** @type {string[]} those since the last record arrived */
  #deniedLately = [];
  #restUntil = -Infinity;
  /** @type {Set<string>} */
  #begun = new Set();

  /** What the configuration allows. */
  resources;
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

  /** @param {(origins: string[]) => import('./origins/egress.js').Egress} egressOf */
  async configure(configuration, secrets, egressOf) {
    const text = JSON.stringify(configuration);
    const { checkpoint } = this.#storage;
    const { value, refused } = await this.#call('configure', text, secrets, checkpoint);
    if (refused) throw configureError(refused);
    this.#accepted = [text, secrets];
    checkResources(value.resources, this.#about);
    this.#instance.open(egressOf(value.origins));
    this.resources = value.resources;
    this.#log.allow(value.resources);
    await this.#storage.prepare(value.resources);
  }

  close() {
    this.#instance.close();
  }

  /** How often records were stored. */
  get progressed() {
    return this.#storage.written;
  }

  /** The resources of which a complete run had a bound, and that bound. */
  get bounds() {
    return this.#storage.bounds;
  }

  /** The resources whose requested run has begun. */
  get begun() {
    return this.#begun;
  }

  /** The wanted resources that are not complete, and why; undefined before the first step. */
  get rest() {
    return this.#ledger?.rest();
  }

  /**
   * Takes steps until all is done, or until a time.
   * @param {import('./request.js').Want[]} wants
   * @param {number} until on the clock
   * @returns {Promise<boolean>} whether all is done
   */
  async advance(wants, until) {
    try {
      return await this.#advance(wants, until);
    } finally {
      // Nothing can be written to a storage that failed, or after the signal.
      if (!this.ahead && !this.#signal?.aborted) await this.#store(() => this.#storage.flush());
    }
  }

  async #advance(wants, until) {
    for (;;) {
      if (this.#signal?.aborted) throw new Aborted();
      const now = this.#clock.now();
      if (now >= until) return false;
      if (now < this.#restUntil) {
        await this.#clock.sleep(Math.min(this.#restUntil, until) - now, this.#signal);
      } else if (await this.#step({ wants, patience: Math.ceil(until - now) })) {
        return true;
      }
    }
  }

  async #call(name, ...args) {
    try {
      return await this.#instance.call(name, ...args);
    } catch (error) {
      // Ended by the signal, the instance crashes.
      throw this.#signal?.aborted ? new Aborted() : error;
    }
  }

  /** One step; whether it was the last. */
  async #step(request) {
    this.#ledger ??= new Ledger(this.resources, request);
    const { value, refused } = await this.#call('step', this.#narrowed(request));
    this.#instance.takeCredentials().forEach((credential) => this.#redaction.learn(credential));
    this.#noteDenials();
    if (refused) {
      // The next call begins a sync anew, and resumes the runs under way.
      this.#end();
      throw this.#failure(refused);
    }
    const { step, checkpoint } = value;
    const leaked = this.#redaction.finds(checkpoint);
    if (leaked) throw breach(`its checkpoint holds the secret ${leaked}`);
    const batches = step.tag === 'batches' ? step.val : [];
    const records = batches.reduce((sum, { rows }) => sum + rows.length, 0);
    this.#meter.count(records, this.#instance.requests);
    switch (step.tag) {
      case 'began':
        return this.#began(step.val, checkpoint);
      case 'batches':
        this.#ledger.batches(step.val);
        return this.#batches(step.val, records, checkpoint);
      case 'warned':
        return this.#warned(step.val, checkpoint);
      case 'ended':
        return this.#ended(step.val, request, checkpoint);
      case 'wait':
        await this.#commit([], checkpoint);
        if (step.val.milliseconds > 0) await this.#store(() => this.#storage.flush());
        return this.#rest(step.val);
      default:
        return this.#done(checkpoint);
    }
  }

  #noteDenials() {
    const denials = this.#instance.takeDenials();
    denials.forEach((denial) => this.#log.warn(denial));
    const last = (denied) => [...new Set([...denied, ...denials])].slice(-KEPT_DENIALS);
    this.#denied = last(this.#denied);
    this.#deniedLately = last(this.#deniedLately);
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
    await this.#store(() => this.#storage.store(batches, checkpoint, this.#clock.now()));
    return false;
  }

  #began(run, checkpoint) {
    this.#ledger.began(run);
    this.#log.began(run.resource);
    if (!run.resumed) this.#begun.add(run.resource);
    return this.#commit([], checkpoint);
  }

  /** The request without the resources that have ended, once a publication was refused. */
  #narrowed({ wants, patience }) {
    const unread = this.#unread;
    if (unread === undefined) return { wants, patience };
    return { wants: wants.filter(({ resource }) => unread.includes(resource)), patience };
  }

  #end() {
    this.#ledger = undefined;
    this.#unread = undefined;
  }

  async #batches(batches, records, checkpoint) {
    try {
      await this.#commit(batches, checkpoint);
    } catch (error) {
      if (error instanceof EmptyReplacement) return this.#refused(error);
      throw error;
    }
    if (records > 0) this.#deniedLately = [];
    batches.forEach((batch) => this.#log.page(batch));
    return false;
  }

  /**
   * A publication is refused. The next sync carries on with its resource from the
   * checkpoint before, as this one does with the others.
   */
  async #refused(error) {
    this.#ledger.refused(error.resource, error);
    this.#unread = this.#ledger.unread();
    this.#log.failed(error);
    if (this.#unread.length === 0) return this.#finish();
    const { refused } = await this.#call('configure', ...this.#accepted, this.#storage.checkpoint);
    if (refused) throw configureError(refused);
    this.ahead = false;
    return false;
  }

  async #warned({ resource, warnings }, checkpoint) {
    if (resource !== undefined) this.#ledger.knows(resource);
    await this.#commit([], checkpoint);
    this.#log.warned(warnings, resource);
    return false;
  }

  async #ended({ resource, ending }, { wants }, checkpoint) {
    const { tag: state, val: failure } = ending;
    const error = failure && this.#failure({ ...failure, resource });
    this.#ledger.ended(resource, state, error);
    const since = wants.find((want) => want.resource === resource)?.since ?? 0;
    const isRequested = state === 'complete' && !this.#ledger.unread().includes(resource);
    const end = { state, ...(isRequested && { since }) };
    await this.#store(() => this.#storage.endRun(resource, end, checkpoint));
    if (error) this.#log.failed(error);
    this.#log.ended(resource, state);
    return false;
  }

  #rest({ milliseconds, cause }) {
    if (milliseconds > LONGEST_WAIT_MS) {
      const why = cause
        ? this.#failure(cause).message.replace(/\.$/, '')
        : 'the connector does not say what it waits for';
      throw new SyncError(
        'wait',
        `nothing can be read for ${Math.round(milliseconds / 1000)} s, longer than the ` +
          `${LONGEST_WAIT_MS / 1000} s of a sync (${why}): sync again at ${timeAfter(milliseconds)}`,
        { retryAfter: milliseconds },
      );
    }
    this.#restUntil = this.#clock.now() + milliseconds;
    return false;
  }

  async #done(checkpoint) {
    this.#ledger.done();
    await this.#commit([], checkpoint);
    await this.#store(() => this.#storage.flush());
    return this.#finish();
  }

  /** Every wanted resource has ended. */
  #finish() {
    const ledger = this.#ledger;
    this.#end();
    const rest = ledger.rest();
    if (rest.length > 0) throw new UnfinishedError(rest);
    return true;
  }

  /** The component's failure, with the denials that explain it: it knows only that it was denied. */
  #failure({ kind, message, resource, status, retryAfter }) {
    // Records of other requests do not make a refused certificate valid.
    const denials = kind === 'untrusted' ? this.#denied : this.#deniedLately;
    const whole = denials.length > 0 ? [message.replace(/\.$/, ''), ...denials].join('; ') : message;
    return new SyncError(
      OF_THE_HOST.includes(kind) ? 'upstream' : kind,
      this.#redaction.apply(whole),
      { resource, status, retryAfter },
    );
  }
}
