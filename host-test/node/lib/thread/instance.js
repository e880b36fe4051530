// An instance in a thread of its own: it may block and compute, and is ended
// from outside. Its requests live in the engine's thread.

import { MessageChannel, Worker } from 'node:worker_threads';

import { Breach } from '../guest/breach.js';
import { nodeExchanges } from '../http/node_exchange.js';
import { Transport } from '../http/transport.js';
import { Instance, trap } from '../instance.js';
import { COMPUTING_MS } from '../limits.js';
import { RUNG, WAITING } from './bell.js';
import { Bundles } from './bundles.js';

/** MB of the thread's heap for objects that were just made. */
const YOUNG_MB = 2;
/** Milliseconds between two looks at a component that computes. */
const TICK_MS = 1000;

/** The thread's answer; throws why there is none. */
function answered({ id: _, broke, cause, ...answer }) {
  if (broke === 'contract') throw new Breach(cause);
  if (broke === 'trap') throw new Error(cause);
  return answer;
}

export class ThreadInstance extends Instance {
  #bell = new Int32Array(new SharedArrayBuffer(8));
  /** @type {Promise<Worker>} once it is ready for calls */
  #worker;
  #closed = false;
  #calls = 0;
  /** @type {{id: number, resolve: Function} | undefined} */
  #call;

  /** @param {() => Promise<import('./component.js').Build>} build */
  constructor(build, clock, http) {
    const { port1, port2 } = new MessageChannel();
    let bell;
    const bundles = new Bundles((message, transferred) => {
      port1.postMessage(message, transferred);
      Atomics.add(bell, RUNG, 1);
      Atomics.notify(bell, RUNG);
    });
    const deliver = (message) => bundles.add(message);
    const transport = new Transport(http, clock, nodeExchanges(), deliver);
    port1.on('message', (message) => transport.receive(message));
    port1.unref();
    super(transport, clock);
    bell = this.#bell;
    this.#worker = this.#start(build, { port: port2, bell, rate: clock.rate });
    // The next call reports it.
    this.#worker.catch(() => {});
  }

  async #start(build, { port, ...shared }) {
    const { program, source, modules } = await build();
    const worker = new Worker(program, {
      workerData: { source, modules, port, ...shared },
      transferList: [port],
      execArgv: [],
      // Its objects live for one step; with Node's default it keeps some 15 MB for them.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      // No environment: a secret may stand in it.
      env: {},
    });
    if (this.#closed) worker.terminate();
    const ready = new Promise((resolve) => worker.once('message', resolve));
    const ended = new Promise((_, reject) => {
      worker.on('error', (error) => reject(trap(error.message)));
      worker.on('exit', () => reject(trap('its thread ended')));
    });
    ended.catch((error) => this.break(error));
    worker.on('message', (message) => {
      if (message.id === this.#call?.id) this.#call?.resolve(message);
    });
    await Promise.race([ready, ended]);
    worker.unref();
    return worker;
  }

  async enter(name, args) {
    const worker = await this.#worker;
    // While it is called it keeps the process alive; at rest it does not.
    worker.ref();
    try {
      return answered(await this.#request(worker, name, args));
    } finally {
      worker.unref();
    }
  }

  #request(worker, name, args) {
    this.#calls += 1;
    const id = this.#calls;
    const answer = new Promise((resolve) => (this.#call = { id, resolve }));
    worker.postMessage({ id, name, args });
    return answer;
  }

  close() {
    this.#closed = true;
    super.close();
    this.#worker.then((worker) => worker.terminate(), () => {});
  }

  /** Of real time, however fast a test lets the clock run. */
  watch() {
    const stop = super.watch();
    let computed = 0;
    const tick = setInterval(() => {
      computed += Atomics.load(this.#bell, WAITING) === 0 ? TICK_MS : 0;
      if (computed > COMPUTING_MS) {
        this.limit(`computing time of one call (${COMPUTING_MS / 1000} s)`);
      }
    }, TICK_MS);
    tick.unref();
    return () => {
      stop();
      clearInterval(tick);
    };
  }
}
