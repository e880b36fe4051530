// How a worker syncs: as rawdash's engine has it, into a storage in memory.

import { engine } from './engine.js';
import { MemoryStorage } from './memory_storage.js';

const plain = ({ name, kind, message, retryAfter }) => ({ name, kind, message, retryAfter });

async function sync(Connector, { settings, creds, secret, options = {}, abortAfter }) {
  const lines = [];
  const log = (event, fields) => lines.push({ event, fields });
  const context = { secretsResolver: { resolve: () => secret }, logger: { info: log, warn: log } };
  const storage = new MemoryStorage();
  const { signal } = abortAfter === undefined ? {} : { signal: AbortSignal.timeout(abortAfter) };
  try {
    const connector = new Connector(settings, creds, context);
    const results = await engine(connector, storage, { ...options, signal });
    const { done, transientError } = results.findLast(({ transientError }) => transientError) ?? results.at(-1);
    return { done, error: transientError && plain(transientError), lines, tables: storage.tables };
  } catch (error) {
    return { done: false, error: plain(error), lines, tables: storage.tables };
  }
}

/** @param {(request: any) => any} classOf the class for a request */
export const serve = (classOf) => ({
  async fetch(request) {
    const wanted = await request.json();
    return Response.json(await sync(classOf(wanted), wanted));
  },
});
