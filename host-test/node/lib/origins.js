// Where a component may send requests: the origins of its manifest, filled from
// the configuration, and the routes that a test sets. Pure: nothing here opens
// a connection or resolves a name.

import { isIP } from 'node:net';

import { isLoopback } from './public_address.js';
import { SyncError } from './sync_error.js';

/**
 * @typedef {{https: boolean, address: string, port: number}} Loopback
 * @typedef {{host: string, route?: Loopback}} Allowed
 */

/** The host name in lower case; throws the text of what is wrong with it. */
function hostName(text) {
  if (text.length < 1 || text.length > 253) throw 'has no host name of 1 to 253 characters';
  const labels = text.split('.');
  if (!labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label))) {
    throw 'is no plain host name';
  }
  const last = labels.at(-1).toLowerCase();
  // An IP address, also in one of its old spellings, is not a name.
  if (/^[0-9]+$/.test(last) || last.startsWith('0x')) throw 'is an IP address';
  return text.toLowerCase();
}

/** What stands in a value at a JSON Pointer. */
function at(value, pointer) {
  const steps = pointer.split('/').slice(1);
  return steps.reduce((inner, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return inner !== null && typeof inner === 'object' && Object.hasOwn(inner, name)
      ? inner[name]
      : undefined;
  }, value);
}

/** The host name that a pattern such as `https://{/domain}` means. */
function resolve(pattern, configuration) {
  const parts = /^https:\/\/(?:\{(\/[^}]*)\})?(.*)$/.exec(pattern);
  const wrong = (problem) =>
    new SyncError(
      'component',
      `the manifest's origin ${JSON.stringify(pattern)} ${problem}: it must be https:// and a ` +
        'host name, whose beginning may be {/pointer}',
    );
  if (!parts) throw wrong('is not https');
  const [, pointer, rest] = parts;
  if (pointer !== undefined && rest !== '' && !rest.startsWith('.')) {
    throw wrong('has braces that end in the middle of a label');
  }
  try {
    hostName(pointer === undefined ? rest : `label${rest}`);
  } catch (problem) {
    throw wrong(problem);
  }
  if (pointer === undefined) return rest.toLowerCase();
  const value = at(configuration, pointer);
  try {
    if (typeof value !== 'string') throw value === undefined ? 'is absent' : 'is no text';
    return hostName(value + rest);
  } catch (problem) {
    throw new SyncError(
      'configuration',
      `the configuration's ${pointer} ${problem}: it must be a host name, without scheme, port ` +
        'or path',
    );
  }
}

/** The server on this machine that a route's URL names. */
function loopback(url) {
  const wrong = (problem) =>
    new TypeError(
      `the route to ${JSON.stringify(url)} ${problem}: write the URL of a server on this ` +
        'machine, as in http://127.0.0.1:8080',
    );
  if (!URL.canParse(url)) throw wrong('is no URL');
  const parsed = new URL(url);
  const https = parsed.protocol === 'https:';
  if (!https && parsed.protocol !== 'http:') throw wrong('is neither http nor https');
  if (parsed.pathname !== '/' || parsed.search !== '') throw wrong('has a path');
  if (parsed.username !== '' || parsed.password !== '') throw wrong('has a user name');
  const address = parsed.hostname === 'localhost' ? '127.0.0.1' : parsed.hostname.replace(/^\[|\]$/g, '');
  if (!isIP(address) || !isLoopback(address)) throw wrong('leaves this machine');
  return { https, address, port: Number(parsed.port) || (https ? 443 : 80) };
}

/** Why a request was not sent. */
export class Denial {
  constructor(scheme, authority, reason) {
    // Never what stands before an @: it may be a password.
    const host = authority.split('@').at(-1).slice(0, 120);
    this.message = `the request to ${JSON.stringify(`${scheme}://${host}`)} was not sent: ${reason}`;
  }
}

/** Where one instance may send requests. */
export class Egress {
  /** @type {Allowed[]} */
  #allowed;

  /**
   * @param {string[]} declared the manifest's origins
   * @param {unknown} configuration
   * @param {Record<string, string>} routes URLs on this machine, by origin as
   *   the manifest writes it or as it is filled
   */
  constructor(declared, configuration, routes = {}) {
    const known = new Set();
    this.#allowed = declared.map((pattern) => {
      const host = resolve(pattern, configuration);
      const names = [pattern, `https://${host}`];
      names.forEach((name) => known.add(name));
      const name = names.find((each) => Object.hasOwn(routes, each));
      return name === undefined ? { host } : { host, route: loopback(routes[name]) };
    });
    const stray = Object.keys(routes).find((origin) => !known.has(origin));
    if (stray !== undefined) {
      throw new TypeError(
        `there is no origin ${JSON.stringify(stray)} to route: the manifest declares ` +
          declared.join(', '),
      );
    }
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
    if (name.startsWith('[') || isIP(name.split(':')[0])) {
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
