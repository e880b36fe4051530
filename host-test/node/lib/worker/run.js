// The thread in which a component lives: it may block, the engine's may not.

import { parentPort, workerData } from 'node:worker_threads';

import { CHECKPOINT } from '../limits.js';
import { Breach } from './breach.js';
import { plainStep } from './step.js';
import { monotonicClock, wallClock } from './wasi_clocks.js';
import { outgoingHandler, types } from './wasi_http.js';
import { InputStream, IoError, OutputStream, Pollable, poll } from './wasi_io.js';

const { source, modules } = workerData;

const imports = {
  'wasi:clocks/monotonic-clock': monotonicClock,
  'wasi:clocks/wall-clock': wallClock,
  'wasi:http/outgoing-handler': outgoingHandler,
  'wasi:http/types': types,
  'wasi:io/error': { Error: IoError },
  'wasi:io/poll': { Pollable, poll },
  'wasi:io/streams': { InputStream, OutputStream },
};

const url = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
const { instantiate } = await import(url);
const component = await instantiate((name) => modules[name], imports);
const { connector, manifest } = component;

/** What the component refused, as data; anything else is its breakdown. */
function refusal(call) {
  try {
    return { value: call() };
  } catch (error) {
    // An error of the contract that is a record or a variant comes as it is.
    if (!(error instanceof Error)) return { refused: error };
    if (Object.hasOwn(error, 'payload')) return { refused: error.payload };
    throw error;
  }
}

/** The resources that the configuration allows, by which batches are judged. */
let resources = [];

function configure(configuration, secrets, checkpoint) {
  const configured = refusal(() => connector.configure(configuration, secrets, checkpoint));
  resources = configured.value?.resources ?? [];
  return configured;
}

/** The contract's request, whose times are integers of 64 bits. */
function requestOf({ wants, patience }) {
  const want = ({ since, ...rest }) => ({
    ...rest,
    since: since === undefined ? undefined : BigInt(since),
  });
  return { wants: wants.map(want), patience };
}

function step(request) {
  const stepped = refusal(() => connector.sync(requestOf(request)));
  if (stepped.refused) return stepped;
  const { value: checkpoint, refused } = refusal(() => connector.checkpoint());
  if (refused) throw new Breach(`after a step there is no checkpoint: ${refused.message}`);
  const size = Buffer.byteLength(checkpoint);
  if (size > CHECKPOINT) throw new Breach(`its checkpoint has ${size} bytes, more than ${CHECKPOINT}`);
  return { value: { step: plainStep(stepped.value, resources), checkpoint } };
}

const calls = { describe: () => ({ value: manifest.describe() }), configure, step };

parentPort.on('message', ({ id, name, args }) => {
  try {
    parentPort.postMessage({ id, ...calls[name](...args) });
  } catch (error) {
    const broke = error instanceof Breach ? 'contract' : 'trap';
    parentPort.postMessage({ id, broke, cause: String(error?.message ?? error) });
  }
});
parentPort.postMessage({ ready: true });
