// Where a component may send requests: the origins that it names under a
// configuration, each within what its manifest allows, and the routes that a
// test sets. Pure: nothing here opens a connection or resolves a name.

import { breach } from '../sync_error.js';
import { hostName, isAddress } from './host_name.js';
import { OriginPattern, allows } from './pattern.js';
import { loopback } from './route.js';

/** @typedef {{host: string, route?: import('./route.js').Loopback}} Allowed */

/** Why a request was not sent. */
export class Denial {
  constructor(scheme, authority, reason) {
    // Never what stands before an @: it may be a password.
    const host = authority.split('@').at(-1).slice(0, 120);
    this.message = `the request to ${JSON.stringify(`${scheme}://${host}`)} was not sent: ${reason}`;
  }
}

/** The host of an origin that a component names. */
function hostOf(origin) {
  if (!origin.startsWith('https://')) throw 'is not https';
  return hostName(origin.slice('https://'.length));
}

/** Where one instance may send requests. */
export class Egress {
  /** @type {Allowed[]} */
  #allowed;

  /** Nowhere: of a component that has not been configured. */
  static nowhere() {
    return new Egress([], {}, []);
  }

  /**
   * @param {string[]} declared the manifest's origins
   * @param {unknown} configuration
   * @param {string[]} named the origins that the component needs under it
   * @param {Record<string, string>} routes URLs on this machine, by origin as
   *   the manifest writes it or as the component names it
   */
  constructor(declared, configuration, named, routes = {}) {
    const patterns = declared.map((text) => new OriginPattern(text));
    const resolved = patterns.map((pattern) => ({ pattern, labels: pattern.resolve(configuration) }));
    const allowing = (host) => resolved.filter(({ labels }) => allows(labels, host));
    checkRoutes(routes, resolved, allowing);
    this.#allowed = named.map((origin) => {
      const host = within(origin, declared, allowing);
      const names = [`https://${host}`, ...allowing(host).map(({ pattern }) => pattern.text)];
      const name = names.find((each) => Object.hasOwn(routes, each));
      return name === undefined ? { host } : { host, route: loopback(routes[name]) };
    });
  }

  /**
   * Decides on one request, by its scheme and authority.
   * @returns {Allowed | Denial}
   */
  decide(scheme, authority) {
    const deny = (reason) => new Denial(scheme, authority, reason);
    if (authority.includes('@')) {
      return deny('its URL has a user name; send an Authorization header instead');
    }
    const name = authority.replace(/:443$/, '').toLowerCase();
    if (name.startsWith('[') || isAddress(name.split(':')[0])) {
      return deny('it is an IP address; use the host name');
    }
    if (scheme !== 'https') return deny('only https is allowed; use https://');
    if (name.includes(':')) return deny('origins have no port; leave the port out');
    const allowed = this.#allowed.find(({ host }) => host === name);
    if (allowed) return allowed;
    const origins = this.#allowed.map(({ host }) => `https://${host}`).join(', ');
    return deny(
      origins === ''
        ? 'the component may not reach any origin here'
        : `the manifest declares only ${origins}; if the connector needs to reach it, its ` +
            'author must add it to `origins`',
    );
  }
}

/** The host of a named origin, which some pattern must allow. */
function within(origin, declared, allowing) {
  const beyond = () =>
    breach(
      `it names the origin ${JSON.stringify(origin)}, and its manifest allows only ` +
        `${declared.join(', ')} under this configuration`,
    );
  let host;
  try {
    host = hostOf(origin);
  } catch {
    throw beyond();
  }
  if (allowing(host).length === 0) throw beyond();
  return host;
}

/**
 * Every route is for an origin that may be reached. Where the configuration
 * lacks a part of an origin, no route can be judged.
 */
function checkRoutes(routes, resolved, allowing) {
  Object.values(routes).forEach(loopback);
  if (resolved.some(({ labels }) => labels === undefined)) return;
  const known = (origin) => {
    if (resolved.some(({ pattern }) => pattern.text === origin)) return true;
    try {
      return allowing(hostOf(origin)).length > 0;
    } catch {
      return false;
    }
  };
  const stray = Object.keys(routes).find((origin) => !known(origin));
  if (stray === undefined) return;
  const declared = resolved.map(({ pattern }) => pattern.text).join(', ');
  throw new TypeError(
    `there is no origin ${JSON.stringify(stray)} to route: the manifest declares ${declared}`,
  );
}
