// A server between the connector and its tenant, at which something goes wrong
// when a test wants it. It listens on loopback.

import { once } from 'node:events';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';

import { NOON } from './tenant.js';

const VIA = '1.1 gate';

/** Whether a request of this process is one that a gate passes on. */
export const isOfGate = (request) => request.getHeader('via') === VIA;

/** The tenant's own answer, once something has happened. */
export const relayed = (happened) => async (_request, response, answer) => {
  const { status, lines, content } = await answer();
  await happened();
  response.writeHead(status, lines).end(content);
};

export class Gate {
  /** The requests that arrived: method, path, `Host`. */
  requests = [];
  /**
   * What goes wrong, by the number of the request from 1; nothing: the
   * tenant's own answer. It gets the request, the response, and the answer.
   */
  wrong = () => undefined;
  #server;
  #target;

  /** @param {string} [target] the tenant's URL; without one nothing is behind it */
  static async open(target) {
    const gate = new Gate();
    gate.#target = target;
    gate.#server = http.createServer((request, response) => gate.#pass(request, response));
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async close() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #pass(request, response) {
    const { method, url, headers } = request;
    const number = this.requests.push({ method, path: url.split('?')[0], url, host: headers.host });
    // The connector goes by the tenant's clock, also where a fault answers.
    response.setHeader('date', new Date(NOON).toUTCString());
    const body = await buffer(request);
    const wrong = this.wrong(number, request);
    const answer = () => this.#request(method, url, headers, body);
    if (wrong) return wrong(request, response, answer);
    const { status, lines, content } = await answer();
    return response.writeHead(status, lines).end(content);
  }

  #request(method, path, headers, body) {
    return new Promise((resolve, reject) => {
      const lines = { ...headers, 'accept-encoding': 'identity', via: VIA };
      const options = { method, path, headers: lines, agent: false };
      const request = http.request(this.#target, options, async (response) => {
        const content = await buffer(response);
        const { 'transfer-encoding': framing, ...rest } = response.headers;
        resolve({ status: response.statusCode, lines: { ...rest, 'content-length': content.length }, content });
      });
      request.on('error', reject);
      request.end(body);
    });
  }
}

const answer = (status, headers, body) => (_request, response) =>
  void response.writeHead(status, headers).end(body);

/** What can go wrong with one answer. */
export const FAULTS = {
  'the connection is reset': (request) => void request.socket.resetAndDestroy(),
  'the body breaks off': async (request, response, tenant) => {
    const { status, lines, content } = await tenant();
    response.writeHead(status, lines);
    response.write(content.subarray(0, Math.floor(content.length / 2)), () => request.socket.resetAndDestroy());
  },
  'nothing is answered': () => undefined,
  'the body stalls': async (_request, response, tenant) => {
    const { status, lines, content } = await tenant();
    response.writeHead(status, lines).write(content.subarray(0, 10));
  },
  500: answer(500, {}, '{"statusCode":500}'),
  '502 with HTML': answer(502, { 'content-type': 'text/html' }, '<html>'),
  429: (_request, response) => {
    const reset = Date.parse(NOON) / 1000 + 2;
    const limit = { 'x-ratelimit-limit': 10, 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': reset };
    response.writeHead(429, limit).end('{}');
  },
  401: answer(401, {}, '{"statusCode":401,"error":"Unauthorized","message":"Invalid token"}'),
  'no JSON': answer(200, { 'content-type': 'application/json' }, 'oops'),
  'an empty body': answer(200, { 'content-type': 'application/json' }, ''),
  'a body of 17 MB': answer(200, { 'content-type': 'application/json' }, Buffer.alloc(17 << 20, ' ')),
  'headers of 100 KB': answer(200, { 'x-large': 'x'.repeat(100_000) }, '{}'),
};
