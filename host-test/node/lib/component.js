// A connector's component, loaded once; instances of it are made as often as
// they are needed.

import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

import { Clock } from './clock.js';
import { acceptContract } from './contract.js';
import { Instance } from './instance.js';
import { GRANTED, HTTP, MEMORY } from './limits.js';
import { limitMemory } from './memory_limit.js';
import { SyncError } from './sync_error.js';

/** The bytes of a component. */
async function read(component) {
  if (component instanceof ArrayBuffer || ArrayBuffer.isView(component)) {
    return new Uint8Array(component.buffer ?? component).slice();
  }
  const url = /^file:/.test(String(component)) ? new URL(String(component)) : component;
  try {
    return new Uint8Array(await readFile(url));
  } catch (error) {
    throw new SyncError(
      'component',
      `the component ${component} cannot be read (${error.code ?? error.message}): name the ` +
        '.wasm file of a connector',
      { cause: error },
    );
  }
}

function prepare(bytes) {
  return new Promise((resolve, reject) => {
    const url = new URL('./worker/prepare.js', import.meta.url);
    const worker = new Worker(url, { workerData: bytes, execArgv: [], env: {} });
    worker.once('message', (message) => {
      resolve(message);
      worker.terminate();
    });
    worker.once('error', reject);
  });
}

/** Whether it is a connector of this contract, and imports what one may. */
function accept({ imports, exports }) {
  const stray = imports.filter((name) => !GRANTED.includes(name.split('@')[0]));
  if (stray.length > 0) {
    throw new SyncError(
      'component',
      `the component imports ${stray.join(', ')}, which no connector is given: remove what asks ` +
        'for it',
    );
  }
  acceptContract(exports);
}

export class Component {
  #source;
  #modules;
  /** What the connector says of itself. */
  about;

  /** @param {string | URL | ArrayBuffer | Uint8Array} component path, URL or bytes */
  static async load(component) {
    const bytes = await read(component);
    const prepared = await prepare(bytes);
    if (prepared.problem !== undefined) {
      throw new SyncError(
        'component',
        `this is no WebAssembly component that the host can run: ${prepared.problem}; build it ` +
          'for wasm32-unknown-unknown with the linker wasm-component-ld',
      );
    }
    accept(prepared);
    const loaded = new Component();
    loaded.#source = prepared.source;
    const cores = Object.entries(prepared.cores);
    const compiled = cores.map(async ([name, core]) => [
      name,
      await WebAssembly.compile(limitMemory(core, MEMORY)),
    ]);
    loaded.#modules = Object.fromEntries(await Promise.all(compiled));
    const instance = loaded.instantiate(new Clock(), HTTP);
    try {
      const { value } = await instance.call('describe');
      loaded.about = value;
    } finally {
      instance.close();
    }
    return loaded;
  }

  /** An instance in a thread of its own, which reaches nothing until it is opened. */
  instantiate(clock, http) {
    return new Instance({ source: this.#source, modules: this.#modules }, clock, http);
  }
}
