// Makes JavaScript of a component. In a thread: it takes a second of computing.

import { parentPort, workerData } from 'node:worker_threads';

import { transpileBytes } from '@bytecodealliance/jco-transpile';

try {
  const { files, imports, exports } = await transpileBytes(workerData, {
    name: 'connector',
    instantiation: 'async',
    emitTypescriptDeclarations: false,
    nodejsCompat: false,
  });
  const cores = Object.entries(files).filter(([name]) => name.endsWith('.wasm'));
  const source = Buffer.from(files['connector.js']).toString('utf8');
  const names = exports.map(([name]) => name);
  parentPort.postMessage({ source, cores: Object.fromEntries(cores), imports, exports: names });
} catch (error) {
  parentPort.postMessage({ problem: String(error?.payload ?? error?.message ?? error) });
}
