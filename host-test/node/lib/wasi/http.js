// wasi:http for the component: it records the request, and the transport sends
// it. Only what a client needs; a connector is no server.

import { concatenated } from '../bytes.js';
import { Fields } from './fields.js';
import { InputStream, IoError, OutputStream, Pollable } from './io.js';

const NANOSECONDS = 1_000_000n;
const refused = undefined;
const DISPOSE = Symbol.dispose ?? Symbol.for('dispose');

class OutgoingRequest {
  #headers;
  #method = { tag: 'get' };
  #path;
  #scheme;
  #authority;
  /** @type {OutgoingBody | undefined} */
  outgoingBody;

  constructor(headers) {
    this.#headers = headers;
  }

  body() {
    if (this.outgoingBody) throw refused;
    this.outgoingBody = new OutgoingBody();
    return this.outgoingBody;
  }

  method() {
    return this.#method;
  }

  setMethod(method) {
    if (method.tag === 'other' && !/^[A-Za-z-]{1,40}$/.test(method.val)) throw refused;
    this.#method = method;
  }

  pathWithQuery() {
    return this.#path;
  }

  setPathWithQuery(path) {
    if (path !== undefined && !/^[/?][\x21-\x7e]*$/.test(path)) throw refused;
    this.#path = path;
  }

  scheme() {
    return this.#scheme;
  }

  setScheme(scheme) {
    this.#scheme = scheme;
  }

  authority() {
    return this.#authority;
  }

  setAuthority(authority) {
    if (authority !== undefined && !/^[\x21-\x7e]+$/.test(authority)) throw refused;
    this.#authority = authority;
  }

  headers() {
    return Fields.frozen(this.#headers.lines);
  }

  /** As the transport takes it. */
  written() {
    const { tag, val } = this.#scheme ?? { tag: 'HTTPS' };
    return {
      method: (this.#method.val ?? this.#method.tag).toUpperCase(),
      scheme: tag === 'other' ? val : tag.toLowerCase(),
      authority: this.#authority ?? '',
      path: this.#path ?? '/',
      headers: this.#headers.lines,
    };
  }
}

class OutgoingBody {
  #parts = [];
  #taken = false;
  #finished = false;
  /** Takes the body when it is whole; `undefined` when it never will be. */
  whole = () => {};

  write() {
    if (this.#taken) throw refused;
    this.#taken = true;
    return new OutputStream((bytes) => this.#parts.push(Uint8Array.from(bytes)));
  }

  static finish(body) {
    body.#finished = true;
    body.whole(concatenated(body.#parts));
  }

  [DISPOSE]() {
    if (!this.#finished) this.whole(undefined);
  }
}

class RequestOptions {
  #connect;
  #firstByte;
  #betweenBytes;

  connectTimeout() {
    return this.#connect;
  }

  setConnectTimeout(span) {
    this.#connect = span;
  }

  firstByteTimeout() {
    return this.#firstByte;
  }

  setFirstByteTimeout(span) {
    this.#firstByte = span;
  }

  betweenBytesTimeout() {
    return this.#betweenBytes;
  }

  setBetweenBytesTimeout(span) {
    this.#betweenBytes = span;
  }

  /** In milliseconds. */
  written() {
    const span = (value) => (value === undefined ? undefined : Number(value / NANOSECONDS));
    return {
      connect: span(this.#connect),
      firstByte: span(this.#firstByte),
      betweenBytes: span(this.#betweenBytes),
    };
  }
}

/** Bytes read that are reported together; fewer than make the transport pause. */
const REPORTED = 64 << 10;

/** An exchange as far as it was received. */
class Answer {
  head;
  error;
  ended = false;
  chunks = [];
  mail;
  #id;
  #unreported = 0;

  /** @param {import('./io.js').Mail} mail */
  constructor(mail) {
    this.mail = mail;
    this.#id = mail.open((message) => this.#receive(message));
  }

  #receive({ head, data, end, error }) {
    if (head) this.head = head;
    if (data) this.chunks.push(data);
    if (end) this.ended = true;
    if (error) this.error = error;
  }

  send(request) {
    this.mail.post({ id: this.#id, send: request });
  }

  /** So many bytes were read; the transport sends no more while many are not. */
  took(bytes) {
    this.#unreported += bytes;
    if (this.#isOver || this.#unreported < REPORTED) return;
    this.mail.post({ id: this.#id, read: this.#unreported });
    this.#unreported = 0;
  }

  drop() {
    if (this.mail.close(this.#id) && !this.#isOver) this.mail.post({ id: this.#id, drop: true });
  }

  /** Whether the transport has ended it. */
  get #isOver() {
    return this.ended || this.error !== undefined;
  }

  get begun() {
    return this.head !== undefined || this.error !== undefined;
  }
}

class FutureIncomingResponse {
  #answer;
  #got = false;

  constructor(answer) {
    this.#answer = answer;
  }

  subscribe() {
    return new Pollable(this.#answer.mail, () => this.#answer.begun);
  }

  get() {
    this.#answer.mail.collect();
    if (this.#got) return { tag: 'err' };
    const { head, error, begun } = this.#answer;
    if (!begun) return undefined;
    this.#got = true;
    if (head === undefined) return { tag: 'ok', val: { tag: 'err', val: error } };
    return { tag: 'ok', val: { tag: 'ok', val: new IncomingResponse(this.#answer) } };
  }

  [DISPOSE]() {
    if (!this.#got) this.#answer.drop();
  }
}

class IncomingResponse {
  #answer;
  #consumed = false;

  constructor(answer) {
    this.#answer = answer;
  }

  status() {
    return this.#answer.head.status;
  }

  headers() {
    return Fields.frozen(this.#answer.head.headers);
  }

  consume() {
    if (this.#consumed) throw refused;
    this.#consumed = true;
    return new IncomingBody(this.#answer);
  }

  [DISPOSE]() {
    if (!this.#consumed) this.#answer.drop();
  }
}

class IncomingBody {
  #answer;
  #taken = false;

  constructor(answer) {
    this.#answer = answer;
  }

  stream() {
    if (this.#taken) throw refused;
    this.#taken = true;
    return new InputStream(this.#answer.mail, this.#answer);
  }

  static finish(body) {
    body.#answer.drop();
    return new FutureTrailers();
  }

  [DISPOSE]() {
    this.#answer.drop();
  }
}

/** Trailers are dropped: they would say what the headers may not. */
class FutureTrailers {
  subscribe() {
    return Pollable.always();
  }

  get() {
    return { tag: 'ok', val: { tag: 'ok', val: undefined } };
  }
}

/** The parts of wasi:http that only a server uses. */
class Unused {
  constructor() {
    throw new Error('a connector receives no requests');
  }
}

function handle(mail, request, options) {
  const answer = new Answer(mail);
  const written = { ...request.written(), ...(options?.written() ?? {}) };
  if (request.outgoingBody === undefined) {
    answer.send({ ...written, body: new Uint8Array() });
  } else {
    request.outgoingBody.whole = (body) => {
      if (body === undefined) answer.error = { tag: 'HTTP-protocol-error' };
      else answer.send({ ...written, body });
    };
  }
  return new FutureIncomingResponse(answer);
}

export const types = {
  Fields,
  FutureIncomingResponse,
  FutureTrailers,
  IncomingBody,
  IncomingRequest: Unused,
  IncomingResponse,
  OutgoingBody,
  OutgoingRequest,
  OutgoingResponse: Unused,
  RequestOptions,
  ResponseOutparam: Unused,
  httpErrorCode: (error) => (error instanceof IoError ? error.code : undefined),
};

/** @param {import('./io.js').Mail} mail */
export const outgoingHandler = (mail) => ({
  handle: (request, options) => handle(mail, request, options),
});
