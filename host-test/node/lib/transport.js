// HTTP for one instance: only to its origins, over kept connections, within
// limits. It lives in the engine's thread, where a fired signal ends every
// exchange at once; the component waits for it in its own. Redirects are not
// followed; that is the component's decision.

import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { createGunzip } from 'node:zlib';

import { Denial, Egress } from './origins/egress.js';
import { isPublic } from './origins/public_address.js';
import { distrust, requestError, responseError } from './transport_failure.js';

/** Bytes of a body that travel before the component has read any. */
const AHEAD = 256 << 10;
/** How many denials are kept. One says what is wrong; a thousand say no more. */
const KEPT_DENIALS = 16;
/** The most different credentials of one step that are kept out of messages. */
const KEPT_CREDENTIALS = 16;

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

export class Transport {
  /** Nothing can be sent before the component says what it needs. */
  #egress = Egress.nowhere();
  #limits;
  #clock;
  #deliver;
  #exchanges = new Map();
  #denials = [];
  /** What requests were authorized with. */
  #credentials = new Set();
  #closed = false;
  #agents = {
    http: new http.Agent({ keepAlive: true, timeout: 55_000 }),
    https: new https.Agent({ keepAlive: true, timeout: 55_000 }),
  };

  /** Requests sent so far. */
  requests = 0;

  /**
   * @param {typeof import('./limits.js').HTTP} limits
   * @param {import('./clock.js').Clock} clock
   * @param {(message: object) => void} deliver takes what is for the component
   */
  constructor(limits, clock, deliver) {
    this.#limits = limits;
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** From now on requests may go where this leads. */
  open(egress) {
    this.#egress = egress;
  }

  /** Takes a message of the component. */
  receive(message) {
    if (this.#closed) return;
    if (message.send) this.#send(message.id, message.send);
    else if (message.read) this.#exchanges.get(message.id)?.read(message.read);
    else if (message.drop) this.#exchanges.get(message.id)?.end();
  }

  /** Takes the requests that were not sent, since it was last asked. */
  takeDenials() {
    return this.#denials.splice(0);
  }

  /** Takes what requests were authorized with, since it was last asked. */
  takeCredentials() {
    const credentials = [...this.#credentials];
    this.#credentials.clear();
    return credentials;
  }

  /** Ends every exchange, now; nothing is sent any more. */
  close() {
    this.#closed = true;
    for (const exchange of [...this.#exchanges.values()]) exchange.end();
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  #deny(id, denial, tag) {
    this.#keep(denial);
    this.#deliver({ id, error: { tag } });
  }

  #keep(denial) {
    if (this.#denials.length < KEPT_DENIALS) this.#denials.push(denial.message);
  }

  /** What is not to be told, whether it is sent or denied. */
  #note({ headers }) {
    for (const [name, value] of headers) {
      if (name.toLowerCase() !== 'authorization') continue;
      const sent = Buffer.from(value).toString();
      const credential = sent.slice(sent.indexOf(' ') + 1);
      if (this.#credentials.size < KEPT_CREDENTIALS) this.#credentials.add(credential);
    }
  }

  #send(id, asked) {
    this.#note(asked);
    const allowed = this.#egress.decide(asked.scheme, asked.authority);
    if (allowed instanceof Denial) return this.#deny(id, allowed, 'HTTP-request-denied');
    if (this.#exchanges.size >= this.#limits.concurrent) {
      const reason =
        `${this.#limits.concurrent} requests were under way already; read or drop their answers ` +
        'first';
      const denial = new Denial(asked.scheme, asked.authority, reason);
      return this.#deny(id, denial, 'connection-limit-reached');
    }
    if (asked.body.byteLength > this.#limits.requestBody) {
      const val = BigInt(this.#limits.requestBody);
      return this.#deliver({ id, error: { tag: 'HTTP-request-body-size', val } });
    }
    this.requests += 1;
    const over = () => this.#exchanges.delete(id);
    const tell = (message) => this.#deliver({ id, ...message });
    const refused = (reason) => this.#keep(new Denial(asked.scheme, asked.authority, reason));
    const exchange = new Exchange(this.#limits, this.#clock, tell, over, refused);
    this.#exchanges.set(id, exchange);
    return exchange.begin(asked, allowed, this.#agents);
  }
}

/** One request and its answer. */
class Exchange {
  #limits;
  #clock;
  #tell;
  #over;
  #refused;
  #request;
  #body;
  #unread = 0;
  #taken = 0;
  #ended = false;
  #betweenBytes;
  #timers = new Map();

  constructor(limits, clock, tell, over, refused) {
    this.#limits = limits;
    this.#clock = clock;
    this.#tell = tell;
    this.#over = over;
    this.#refused = refused;
  }

  begin(asked, { host, route }, agents) {
    const plain = route !== undefined && !route.https;
    this.#betweenBytes = asked.betweenBytes;
    this.#timer('exchange', this.#limits.exchange, 'connection-read-timeout');
    if (asked.firstByte !== undefined) {
      const patience = asked.firstByte + (asked.connect ?? 0);
      this.#timer('first byte', patience, 'connection-read-timeout');
    }
    const options = {
      agent: plain ? agents.http : agents.https,
      hostname: host,
      port: route?.port ?? 443,
      lookup: route ? routedLookup(route) : publicLookup,
      // Its name stays the tenant's, wherever it is routed.
      servername: host,
      method: asked.method,
      path: asked.path,
      headers: this.#headers(asked, host),
      setHost: false,
      maxHeaderSize: this.#limits.responseHeaders,
    };
    try {
      this.#request = (plain ? http : https).request(options);
    } catch {
      return this.#fail({ tag: 'HTTP-request-URI-invalid' });
    }
    this.#request.on('response', (response) => this.#answer(response));
    this.#request.on('error', (error) => {
      const reason = this.#body ? undefined : refusal(error);
      if (reason) this.#refused(reason);
      this.#fail(this.#body ? responseError(error) : requestError(error));
    });
    return this.#request.end(asked.body.byteLength > 0 ? asked.body : undefined);
  }

  #headers(asked, host) {
    const headers = ['host', host];
    for (const [name, value] of asked.headers) {
      const lower = name.toLowerCase();
      if (!['host', 'content-length', 'accept-encoding'].includes(lower)) headers.push(name, value);
    }
    headers.push('accept-encoding', 'gzip');
    if (asked.body.byteLength > 0 || asked.method === 'POST') {
      headers.push('content-length', String(asked.body.byteLength));
    }
    return headers;
  }

  #answer(response) {
    this.#clear('first byte');
    const raw = response.rawHeaders;
    const size = raw.reduce((sum, text) => sum + Buffer.byteLength(text, 'latin1'), 0);
    if (size > this.#limits.responseHeaders) {
      return this.#fail({ tag: 'HTTP-response-header-section-size', val: size });
    }
    const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (!['identity', 'gzip', 'x-gzip', ''].includes(coding)) {
      return this.#fail({ tag: 'HTTP-response-content-coding', val: coding.slice(0, 40) });
    }
    const gzip = coding.includes('gzip');
    const headers = [];
    for (let index = 0; index < raw.length; index += 2) {
      // They describe the body as it came, not as it is handed on.
      const ofCoding = ['content-encoding', 'content-length'].includes(raw[index].toLowerCase());
      if (!gzip || !ofCoding) headers.push([raw[index], raw[index + 1]]);
    }
    this.#body = gzip ? response.pipe(createGunzip()) : response;
    response.on('error', (error) => this.#fail(responseError(error)));
    // `pipe` does not tell the inflater that its source broke off.
    response.on('aborted', () => this.#fail({ tag: 'HTTP-response-incomplete' }));
    this.#body.on('error', (error) => this.#fail(responseError(error)));
    this.#body.on('data', (data) => this.#data(data));
    this.#body.on('end', () => {
      this.#tell({ end: true });
      this.end();
    });
    this.#tell({ head: { status: response.statusCode, headers } });
    return this.#pieceAwaited();
  }

  #data(data) {
    this.#taken += data.byteLength;
    if (this.#taken > this.#limits.responseBody) {
      return this.#fail({ tag: 'HTTP-response-body-size', val: BigInt(this.#limits.responseBody) });
    }
    this.#unread += data.byteLength;
    this.#tell({ data: new Uint8Array(data) });
    if (this.#unread > AHEAD) {
      this.#body.pause();
      // The component is at rest, not the server.
      return this.#clear('between bytes');
    }
    return this.#pieceAwaited();
  }

  /** The component has read so many bytes. */
  read(bytes) {
    this.#unread -= bytes;
    if (this.#unread <= AHEAD && this.#body?.isPaused()) {
      this.#body.resume();
      this.#pieceAwaited();
    }
  }

  /** Ends it, in whatever state. */
  end() {
    if (this.#ended) return;
    this.#ended = true;
    for (const clear of this.#timers.values()) clear();
    this.#over();
    // Of an exchange that was read to its end this keeps the connection.
    if (!this.#body?.readableEnded) this.#request?.destroy();
  }

  #fail(error) {
    if (this.#ended) return;
    this.#tell({ error });
    this.end();
  }

  #pieceAwaited() {
    if (this.#betweenBytes !== undefined) {
      this.#timer('between bytes', this.#betweenBytes, 'connection-read-timeout');
    }
  }

  #timer(name, ms, tag) {
    this.#clear(name);
    this.#timers.set(name, this.#clock.after(ms, () => this.#fail({ tag })));
  }

  #clear(name) {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}
