// The thread in which a component lives: it may block, the engine's may not.

import { parentPort, workerData } from 'node:worker_threads';

import { Breach } from '../guest/breach.js';
import { Guest } from '../guest/guest.js';
import { imports } from '../wasi/imports.js';
import * as mail from './mail.js';

const { source, modules } = workerData;

const url = `data:text/javascript;base64,${Buffer.from(source).toString('base64')}`;
const { instantiate } = await import(url);
const guest = new Guest(await instantiate((name) => modules[name], imports(mail)));

parentPort.on('message', async ({ id, name, args }) => {
  try {
    parentPort.postMessage({ id, ...(await guest.call(name, args)) });
  } catch (error) {
    const broke = error instanceof Breach ? 'contract' : 'trap';
    parentPort.postMessage({ id, broke, cause: String(error?.message ?? error) });
  }
});
parentPort.postMessage({ ready: true });
