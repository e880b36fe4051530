// Requests by Node's own client, over kept connections, to public addresses.

import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { createGunzip } from 'node:zlib';

import { Exchange } from './exchange.js';
import { distrust, requestError, responseError } from './failure.js';
import { isPublic } from './public_address.js';

/** Resolves a name, and refuses one that leads to a private address. */
function publicLookup(name, options, done) {
  dns.lookup(name, { ...options, all: true }, (error, found) => {
    if (error) return done(error);
    const inner = found.find(({ address }) => !isPublic(address));
    if (inner) {
      const refusal = new Error(`the name leads to ${inner.address}`);
      return done(Object.assign(refusal, { code: 'PRIVATE_ADDRESS', address: inner.address }));
    }
    return options.all ? done(null, found) : done(null, found[0].address, found[0].family);
  });
}

/** "Resolves" every name to the server that a route names. */
const routedLookup = ({ address }) => (_name, options, done) => {
  const family = address.includes(':') ? 6 : 4;
  return options.all ? done(null, [{ address, family }]) : done(null, address, family);
};

/** Why a request did not go out, where a person can do something about it. */
function refusal(error) {
  if (error.code !== 'PRIVATE_ADDRESS') return distrust(error);
  return (
    `the name resolves to ${error.address}, which is not on the public internet; if that is ` +
    'meant, name the server as a route'
  );
}

/** Text of one byte a character, as Node wants them: name, value, name, value. */
function lines({ headers, method, body }, host) {
  const own = ['host', host, 'accept-encoding', 'gzip'];
  const hasLength = body.byteLength > 0 || method === 'POST';
  return [...own, ...headers.flat(), ...(hasLength ? ['content-length', String(body.byteLength)] : [])];
}

/** Bytes that are inflated at once: mostly a whole page of rows. */
const INFLATED = 128 << 10;

class NodeExchange extends Exchange {
  #agents;
  #request;
  #body;

  constructor(context, agents) {
    super(context);
    this.#agents = agents;
  }

  send(request, { host, route }) {
    const plain = route !== undefined && !route.https;
    const { http: insecure, https: secure, routed } = this.#agents;
    const options = {
      agent: route === undefined ? secure : plain ? insecure : routed,
      hostname: host,
      port: route?.port ?? 443,
      lookup: route ? routedLookup(route) : publicLookup,
      // Its name stays the tenant's, wherever it is routed.
      servername: host,
      method: request.method,
      path: request.path,
      headers: lines(request, host),
      setHost: false,
      maxHeaderSize: this.limits.responseHeaders,
    };
    try {
      this.#request = (plain ? http : https).request(options);
    } catch {
      return this.fail({ tag: 'HTTP-request-URI-invalid' });
    }
    this.#request.on('response', (response) => this.#answer(response));
    this.#request.on('error', (error) => {
      const reason = this.#body ? undefined : refusal(error);
      if (reason) this.refused(reason);
      this.fail(this.#body ? responseError(error) : requestError(error));
    });
    return this.#request.end(request.body.byteLength > 0 ? request.body : undefined);
  }

  #answer(response) {
    const raw = response.rawHeaders;
    const headers = [];
    for (let index = 0; index < raw.length; index += 2) headers.push([raw[index], raw[index + 1]]);
    if (!this.answered(response.statusCode, headers)) return;
    this.#body = this.isCoded(headers) ? response.pipe(createGunzip({ chunkSize: INFLATED })) : response;
    response.on('error', (error) => this.fail(responseError(error)));
    // `pipe` does not report to the inflater that its source broke off.
    response.on('aborted', () => this.fail({ tag: 'HTTP-response-incomplete' }));
    this.#body.on('error', (error) => this.fail(responseError(error)));
    this.#body.on('data', (data) => {
      if (!this.piece(data)) this.#body.pause();
    });
    this.#body.on('end', () => this.whole());
  }

  resume() {
    this.#body.resume();
  }

  stop() {
    // Of an exchange that was read to its end this keeps the connection.
    if (!this.#body?.readableEnded) this.#request?.destroy();
  }
}

/** @returns {import('./transport.js').Exchanges} */
export function nodeExchanges() {
  const kept = { keepAlive: true, timeout: 55_000 };
  // The proxies of Node's own client, if it reads the environment
  // (`NODE_USE_ENV_PROXY`). A route leads to this machine and uses none.
  const { proxyEnv } = https.globalAgent.options;
  const agents = {
    http: new http.Agent(kept),
    routed: new https.Agent(kept),
    https: new https.Agent({ ...kept, ...(proxyEnv && { proxyEnv }) }),
  };
  return {
    create: (context) => new NodeExchange(context, agents),
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}
