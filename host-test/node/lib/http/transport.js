// HTTP for one instance: only to its origins, within limits. It lives in the
// engine's thread, where a fired signal ends every exchange at once. Redirects
// are not followed; that is the component's decision.

import { Denial, Egress } from '../origins/egress.js';

/** How many denials are kept. One says what is wrong; a thousand say no more. */
const KEPT_DENIALS = 16;
/** The most different credentials of one step that are kept out of messages. */
const KEPT_CREDENTIALS = 16;

/**
 * How a runtime sends requests.
 * @typedef {object} Exchanges
 * @property {(context: import('./exchange.js').Context) => import('./exchange.js').Exchange} create
 * @property {() => void} close drops the connections that are kept
 */

export class Transport {
  /** Nothing can be sent before the component says what it needs. */
  #egress = Egress.nowhere();
  #limits;
  #clock;
  #exchanges;
  #deliver;
  #underWay = new Map();
  #denials = [];
  /** What requests were authorized with. */
  #credentials = new Set();
  #closed = false;

  /** Requests sent so far. */
  requests = 0;

  /**
   * @param {typeof import('../limits.js').HTTP} limits
   * @param {import('../clock.js').Clock} clock
   * @param {Exchanges} exchanges
   * @param {(message: object) => void} deliver takes what is for the component
   */
  constructor(limits, clock, exchanges, deliver) {
    this.#limits = limits;
    this.#clock = clock;
    this.#exchanges = exchanges;
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
    else if (message.read) this.#underWay.get(message.id)?.read(message.read);
    else if (message.drop) this.#underWay.get(message.id)?.end();
  }

  /** Takes the requests that were not sent since the last call. */
  takeDenials() {
    return this.#denials.splice(0);
  }

  /** Takes what requests were authorized with since the last call. */
  takeCredentials() {
    const credentials = [...this.#credentials];
    this.#credentials.clear();
    return credentials;
  }

  /** Ends every exchange, now; nothing is sent any more. */
  close() {
    this.#closed = true;
    for (const exchange of [...this.#underWay.values()]) exchange.end();
    this.#exchanges.close();
  }

  #deny(id, denial, tag) {
    this.#keep(denial);
    this.#deliver({ id, error: { tag } });
  }

  #keep(denial) {
    if (this.#denials.length < KEPT_DENIALS) this.#denials.push(denial.message);
  }

  /** Credentials of a request, sent or denied, which no message may contain. */
  #note({ headers }) {
    for (const [name, value] of headers) {
      if (name.toLowerCase() !== 'authorization') continue;
      const credential = value.slice(value.indexOf(' ') + 1);
      if (this.#credentials.size < KEPT_CREDENTIALS) this.#credentials.add(credential);
    }
  }

  #send(id, request) {
    this.#note(request);
    const allowed = this.#egress.decide(request.scheme, request.authority);
    if (allowed instanceof Denial) return this.#deny(id, allowed, 'HTTP-request-denied');
    if (this.#underWay.size >= this.#limits.concurrent) {
      const reason =
        `${this.#limits.concurrent} requests were under way already; read or drop their answers ` +
        'first';
      const denial = new Denial(request.scheme, request.authority, reason);
      return this.#deny(id, denial, 'connection-limit-reached');
    }
    if (request.body.byteLength > this.#limits.requestBody) {
      const val = BigInt(this.#limits.requestBody);
      return this.#deliver({ id, error: { tag: 'HTTP-request-body-size', val } });
    }
    this.requests += 1;
    const exchange = this.#exchanges.create({
      limits: this.#limits,
      clock: this.#clock,
      deliver: (message) => this.#deliver({ id, ...message }),
      over: () => this.#underWay.delete(id),
      refused: (reason) => this.#keep(new Denial(request.scheme, request.authority, reason)),
    });
    this.#underWay.set(id, exchange);
    return exchange.begin(request, allowed);
  }
}
