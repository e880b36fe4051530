// Requests by the runtime's own `fetch`. It resolves names, verifies servers and
// inflates bodies; whether an address is public is for the runtime.

import { Exchange, ofInflated } from './exchange.js';
import { distrust, requestError, responseError } from './failure.js';

/** What `fetch` made of a failure of the connection. */
const causeOf = (error) => error?.cause ?? error;

/** The headers of a response, as they describe the body that `fetch` returns. */
const headersOf = ({ headers }) =>
  headers.has('content-encoding') ? ofInflated([...headers]) : [...headers];

class FetchExchange extends Exchange {
  #fetch;
  #abort = new AbortController();
  #hasBody = false;
  #goOn = () => {};

  constructor(context, fetch) {
    super(context);
    this.#fetch = fetch;
  }

  send(request, allowed) {
    this.#exchange(request, allowed).catch((error) => {
      const cause = causeOf(error);
      const reason = this.#hasBody ? undefined : distrust(cause);
      if (reason) this.refused(reason);
      this.fail(this.#hasBody ? responseError(cause) : requestError(cause));
    });
  }

  async #exchange({ method, path, headers, body }, { host }) {
    const response = await this.#fetch(`https://${host}${path}`, {
      method,
      headers,
      body: body.byteLength > 0 ? body : undefined,
      redirect: 'manual',
      signal: this.#abort.signal,
      // A browser's: no cookies, no cache of answers.
      ...(globalThis.document && { credentials: 'omit', cache: 'no-store' }),
    });
    // What a browser makes of a redirect that is not followed.
    if (response.type === 'opaqueredirect') return this.fail({ tag: 'HTTP-protocol-error' });
    this.#hasBody = true;
    if (!this.answered(response.status, headersOf(response))) return undefined;
    for await (const data of pieces(response.body)) {
      if (!this.piece(data)) await new Promise((resolve) => (this.#goOn = resolve));
    }
    return this.whole();
  }

  resume() {
    this.#goOn();
  }

  stop() {
    this.#abort.abort();
    this.#goOn();
  }
}

/** The pieces of a body; not every runtime can iterate over it. */
async function* pieces(body) {
  const reader = body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return;
    yield value;
  }
}

/**
 * @param {typeof globalThis.fetch} fetch
 * @returns {import('./transport.js').Exchanges}
 */
export const fetchExchanges = (fetch) => ({
  create: (context) => new FetchExchange(context, fetch),
  close() {},
});
