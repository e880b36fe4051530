// Makes JavaScript of a component. In a thread: it takes a second of computing.

import { parentPort, workerData } from 'node:worker_threads';

try {
  const { transpile } = await import('../transpile.js');
  parentPort.postMessage(await transpile(workerData));
} catch (error) {
  const problem = String(error?.payload ?? error?.message ?? error);
  parentPort.postMessage({ problem, isMissing: error?.code === 'ERR_MODULE_NOT_FOUND' });
}
