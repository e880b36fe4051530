// One request and its answer, within its limits and deadlines. How it is sent is
// for the classes that extend this one.

/** Bytes of a body that travel before the component has read any. */
const AHEAD = 256 << 10;

/** Codings of a body that are undone before the component reads it. */
const PLAIN = ['identity', ''];
const GZIP = ['gzip', 'x-gzip'];

/** Headers that describe a body as it was sent, not as it is handed on inflated. */
const OF_CODING = ['content-encoding', 'content-length'];

/** What the transport adds or replaces. */
const OWN_HEADERS = ['host', 'content-length', 'accept-encoding'];

/**
 * @typedef {object} Context
 * @property {typeof import('../limits.js').HTTP} limits
 * @property {import('../clock.js').Clock} clock
 * @property {(message: object) => void} deliver takes what is for the component
 * @property {() => void} over
 * @property {(reason: string) => void} refused takes why nothing was sent, where a
 *   person can do something about it
 */

/**
 * The headers of a response, as they describe its body once that is inflated.
 * @param {[string, string][]} headers
 */
export const ofInflated = (headers) =>
  headers.filter(([name]) => !OF_CODING.includes(name.toLowerCase()));

export class Exchange {
  #context;
  #betweenBytes;
  #unread = 0;
  #taken = 0;
  #ended = false;
  #timers = new Map();

  /** @param {Context} context */
  constructor(context) {
    this.#context = context;
  }

  get limits() {
    return this.#context.limits;
  }

  /** Sends the request to a host that the component may reach. */
  begin(request, allowed) {
    this.#betweenBytes = request.betweenBytes;
    this.#timer('exchange', this.limits.exchange, 'connection-read-timeout');
    if (request.firstByte !== undefined) {
      const patience = request.firstByte + (request.connect ?? 0);
      this.#timer('first byte', patience, 'connection-read-timeout');
    }
    const headers = request.headers.filter(([name]) => !OWN_HEADERS.includes(name.toLowerCase()));
    this.send({ ...request, headers }, allowed);
  }

  /** The component has read so many bytes. */
  read(bytes) {
    const wasAhead = this.#isAhead;
    this.#unread -= bytes;
    if (!wasAhead || this.#isAhead || this.#ended) return;
    this.resume();
    this.#pieceAwaited();
  }

  /** Ends it, in whatever state. */
  end() {
    if (this.#ended) return;
    this.#ended = true;
    for (const clear of this.#timers.values()) clear();
    this.#context.over();
    this.stop();
  }

  fail(error) {
    if (this.#ended) return;
    this.#context.deliver({ error });
    this.end();
  }

  /** Nothing was sent, for a reason that a person can do something about. */
  refused(reason) {
    if (!this.#ended) this.#context.refused(reason);
  }

  /**
   * The head of the answer; whether its body is wanted.
   * @param {[string, string][]} headers
   * @returns {boolean}
   */
  answered(status, headers) {
    if (this.#ended) return false;
    this.#clear('first byte');
    const size = headers.flat().reduce((sum, text) => sum + text.length, 0);
    if (size > this.limits.responseHeaders) {
      this.fail({ tag: 'HTTP-response-header-section-size', val: size });
      return false;
    }
    const coding = this.coding(headers);
    if (![...PLAIN, ...GZIP].includes(coding)) {
      this.fail({ tag: 'HTTP-response-content-coding', val: coding.slice(0, 40) });
      return false;
    }
    const handedOn = PLAIN.includes(coding) ? headers : ofInflated(headers);
    this.#context.deliver({ head: { status, headers: handedOn } });
    this.#pieceAwaited();
    return true;
  }

  /** How the body of an answer is coded. */
  coding(headers) {
    const [, value] = headers.find(([name]) => name.toLowerCase() === 'content-encoding') ?? [];
    return (value ?? '').trim().toLowerCase();
  }

  isCoded(headers) {
    return GZIP.includes(this.coding(headers));
  }

  /**
   * A piece of the body, inflated; whether the next one may follow at once.
   * @param {Uint8Array} data
   * @returns {boolean}
   */
  piece(data) {
    if (this.#ended) return false;
    this.#taken += data.byteLength;
    if (this.#taken > this.limits.responseBody) {
      this.fail({ tag: 'HTTP-response-body-size', val: BigInt(this.limits.responseBody) });
      return false;
    }
    this.#unread += data.byteLength;
    this.#context.deliver({ data });
    // The component is at rest, not the server.
    if (this.#isAhead) this.#clear('between bytes');
    else this.#pieceAwaited();
    return !this.#isAhead;
  }

  /** The body has ended. */
  whole() {
    if (this.#ended) return;
    this.#context.deliver({ end: true });
    this.end();
  }

  get #isAhead() {
    return this.#unread > AHEAD;
  }

  #pieceAwaited() {
    if (this.#betweenBytes !== undefined) {
      this.#timer('between bytes', this.#betweenBytes, 'connection-read-timeout');
    }
  }

  #timer(name, ms, tag) {
    this.#clear(name);
    this.#timers.set(name, this.#context.clock.after(ms, () => this.fail({ tag })));
  }

  #clear(name) {
    this.#timers.get(name)?.();
    this.#timers.delete(name);
  }
}
