// Loads any connector's component, for instances in threads.

import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

import { Clock } from './clock.js';
import { acceptContract } from './contract.js';
import { GRANTED, HTTP } from './limits.js';
import { compiled } from './packaged.js';
import { SyncError } from './sync_error.js';
import { ThreadComponent } from './thread/component.js';

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

function transpile(bytes) {
  return new Promise((resolve, reject) => {
    const url = new URL('./thread/transpile.js', import.meta.url);
    const worker = new Worker(url, { workerData: bytes, execArgv: [], env: {} });
    worker.once('message', (message) => {
      resolve(message);
      worker.terminate();
    });
    worker.once('error', reject);
  });
}

/** What the thread made of the component; throws why it could not. */
function resultOf({ problem, isMissing, ...transpiled }) {
  if (problem === undefined) return transpiled;
  if (isMissing) {
    throw new SyncError(
      'component',
      'to load a component from a file, install the transpiler, which this package does not ' +
        `include: npm install @bytecodealliance/jco-transpile@0.15 (${problem.split('\n')[0]})`,
    );
  }
  throw new SyncError(
    'component',
    `this is not a WebAssembly component that this host can run: ${problem}; build it for ` +
      'wasm32-unknown-unknown with the linker wasm-component-ld',
  );
}

/** Whether it is a connector of this contract, and imports what one may. */
export function accept({ imports, exports }) {
  const stray = imports.filter((name) => !GRANTED.includes(name.split('@')[0]));
  if (stray.length > 0) {
    throw new SyncError(
      'component',
      `the component imports ${stray.join(', ')}, which connectors may not import: remove the ` +
        'dependency that needs it',
    );
  }
  acceptContract(exports);
}

/** What the connector says of itself. */
export async function describe(build) {
  const instance = new ThreadComponent(undefined, build).instantiate(new Clock(), HTTP);
  try {
    const { value } = await instance.call('describe');
    return value;
  } finally {
    instance.close();
  }
}

/**
 * @param {import('./transpile.js').Transpiled} transpiled
 * @returns {Promise<() => Promise<import('./thread/component.js').Build>>}
 */
export async function buildOf({ source, cores }) {
  const modules = await compiled(cores);
  const program = new URL('./thread/run.js', import.meta.url);
  return async () => ({ program, source, modules });
}

/**
 * @param {string | URL | ArrayBuffer | Uint8Array} component path, URL or bytes
 * @returns {Promise<ThreadComponent>}
 */
export async function load(component) {
  const transpiled = resultOf(await transpile(await read(component)));
  accept(transpiled);
  const build = await buildOf(transpiled);
  return new ThreadComponent(await describe(build), build);
}
