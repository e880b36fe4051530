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

/** What rawdash's engine passes besides, of widgets that name no resource. */
export const SCHEDULED = { mode: 'full', resources: new Set(), fetchSpecs: {} };

/** Calls as rawdash's engine does, until done. */
export async function engine(connector, storage, { signal, ...options } = {}) {
  const results = [];
  let cursor;
  for (let calls = 0; calls < 1000; calls += 1) {
    const request = { ...SCHEDULED, ...options, cursor };
    const result = await connector.sync(request, storage.handle(signal), signal);
    results.push(result);
    if (result.done || signal?.aborted) return results;
    cursor = result.cursor;
  }
  throw new Error('not done after 1000 calls');
}
