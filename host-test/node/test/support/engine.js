// What rawdash's engine does with a connector, in any runtime.

/** One connector as the engine makes it, and the lines that it logs. */
export function connectorOf(Connector, tenant, more = {}) {
  const lines = [];
  const logger = {
    info: (event, fields) => lines.push({ level: 'info', event, fields }),
    warn: (event, fields) => lines.push({ level: 'warn', event, fields }),
  };
  const { clientSecret, ...settings } = { ...tenant.configuration, ...more };
  const secretsResolver = { resolve: (name) => (name === 'SECRET' ? tenant.secret : undefined) };
  const connector = new Connector(settings, { clientSecret }, { secretsResolver, logger });
  return { connector, lines };
}

/** Calls as rawdash's engine does, until done. */
export async function engine(connector, storage, { signal, mode = 'full', ...options } = {}) {
  const results = [];
  let cursor;
  for (let calls = 0; calls < 1000; calls += 1) {
    const result = await connector.sync({ mode, ...options, cursor }, storage.handle(signal), signal);
    results.push(result);
    if (result.done || signal?.aborted) return results;
    cursor = result.cursor;
  }
  throw new Error('not done after 1000 calls');
}
