// A simulated tenant in a process of its own, and the connector that is
// configured for it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { createConnector } from '../../host.js';
import { Clock } from '../../lib/clock.js';
import { auth0, host } from './built.js';

export { SCHEDULED, connectorOf, engine } from './engine.js';

/** The tenant's time at its start: noon, so that no day ends in a test. */
export const NOON = '2026-03-01T12:00:00Z';

/** How fast time runs: a deadline of 20 s is met after four. */
export const RATE = 5;

export class Tenant {
  /** What the tenant says of itself. */
  info;
  #process;

  /** @param {Record<string, string | number>} options of `rawdash-host tenant` */
  static async start(options = {}) {
    const given = Object.entries({ now: NOON, users: 120, logs: 350, ...options });
    const words = given.flatMap(([name, value]) => [`--${name}`, String(value)]);
    const tenant = new Tenant();
    tenant.#process = spawn(host, ['tenant', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(tenant.#process.stdout, 'data');
    tenant.info = JSON.parse(line);
    return tenant;
  }

  get url() {
    return this.info.url;
  }

  get configuration() {
    const { domain, client_id: clientId } = this.info;
    return { domain, clientId, clientSecret: { $secret: 'SECRET' }, rateLimitShare: 1 };
  }

  get secret() {
    return this.info.client_secret;
  }

  async stop() {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

/** The connector's class, with its origin led to `url`. */
export function connectorAt(url, options = {}) {
  const routes = { 'https://{/domain}': url };
  return createConnector(auth0, { routes, clock: new Clock(RATE), ...options });
}
