// One instance of a component, in a thread of its own, and its requests, which
// live in this one.

import { MessageChannel, Worker } from 'node:worker_threads';

import { CALL_MS, COMPUTING_MS } from './limits.js';
import { SyncError, atTheLimit, breach } from './sync_error.js';
import { Transport } from './transport.js';

/** In the numbers shared with the thread; `worker/mail.js` has the same. */
const RUNG = 0;
const WAITING = 1;
/** Milliseconds between two looks at a component that computes. */
const TICK_MS = 1000;

export class Instance {
  #worker;
  #transport;
  #clock;
  #bell = new Int32Array(new SharedArrayBuffer(8));
  #ready;
  #calls = 0;
  /** @type {{id: number, resolve: Function, reject: Function, stop: Function} | undefined} */
  #call;
  #broken;

  constructor({ source, modules }, clock, http) {
    this.#clock = clock;
    const { port1, port2 } = new MessageChannel();
    this.#transport = new Transport(http, clock, (message) => {
      port1.postMessage(message);
      Atomics.add(this.#bell, RUNG, 1);
      Atomics.notify(this.#bell, RUNG);
    });
    port1.on('message', (message) => this.#transport.receive(message));
    port1.unref();
    this.#worker = new Worker(new URL('./worker/run.js', import.meta.url), {
      workerData: { source, modules, port: port2, bell: this.#bell, rate: clock.rate },
      transferList: [port2],
      execArgv: [],
      // No environment: a secret may stand in it.
      env: {},
    });
    this.#ready = new Promise((resolve) => this.#worker.once('message', resolve));
    this.#worker.on('message', (message) => this.#answered(message));
    this.#worker.on('error', (error) => this.#break(trap(error.message)));
    this.#worker.on('exit', () => this.#break(trap('its thread ended')));
    this.#worker.unref();
  }

  /** From now on its requests may go where this leads. */
  open(egress) {
    this.#transport.open(egress);
  }

  /** Requests sent so far. */
  get requests() {
    return this.#transport.requests;
  }

  /** The requests that were not sent, since it was last asked. */
  takeDenials() {
    return this.#transport.takeDenials();
  }

  /** What requests were authorized with, since it was last asked. */
  takeCredentials() {
    return this.#transport.takeCredentials();
  }

  /**
   * Calls the component, one call at a time.
   * @returns {Promise<{value?: any, refused?: any}>}
   */
  async call(name, ...args) {
    // While it is called it keeps the process alive; at rest it does not.
    this.#worker.ref();
    try {
      return await new Promise((resolve, reject) => {
        this.#calls += 1;
        const id = this.#calls;
        this.#call = { id, resolve, reject, stop: this.#watch() };
        if (this.#broken) this.#break(this.#broken);
        this.#ready.then(() => this.#worker.postMessage({ id, name, args }));
      });
    } finally {
      this.#worker.unref();
    }
  }

  /** Ends it, and every request of it, now. */
  close() {
    this.#transport.close();
    this.#break(trap('its thread was ended'));
    this.#worker.terminate();
  }

  #answered({ id, broke, cause, ...answer }) {
    if (id === undefined || id !== this.#call?.id) return;
    if (broke) return this.#break(broke === 'trap' ? trap(cause) : breach(cause));
    const { resolve, stop } = this.#call;
    this.#call = undefined;
    stop();
    resolve(answer);
  }

  #break(error) {
    this.#broken ??= error;
    if (!this.#call) return;
    const { reject, stop } = this.#call;
    this.#call = undefined;
    stop();
    reject(this.#broken);
  }

  /** Watches one call's time. */
  #watch() {
    const stop = (limit) => {
      this.#break(atTheLimit(limit));
      this.close();
    };
    const late = this.#clock.after(CALL_MS, () => stop(`time of one call (${CALL_MS / 1000} s)`));
    // Of real time, however fast a test lets the clock run.
    let computed = 0;
    const tick = setInterval(() => {
      computed += Atomics.load(this.#bell, WAITING) === 0 ? TICK_MS : 0;
      if (computed > COMPUTING_MS) stop(`computing time of one call (${COMPUTING_MS / 1000} s)`);
    }, TICK_MS);
    tick.unref();
    return () => {
      late();
      clearInterval(tick);
    };
  }
}

function trap(cause) {
  return new SyncError(
    'component',
    `the component crashed (trap: ${cause}): this is a bug in the component, report it to its ` +
      'author',
  );
}
