// wasi:io for the component: what it can wait for, and what it can read.

import { collect, now, wait } from './mail.js';

class IoError {
  #code;

  /** @param {{tag: string, val?: unknown}} code an error code of wasi:http */
  constructor(code) {
    this.#code = code;
  }

  get code() {
    return this.#code;
  }

  /** As wasmtime writes it: connectors look for the name. */
  toDebugString() {
    const name = this.#code.tag.split('-');
    const camel = name.map((word) => word[0].toUpperCase() + word.slice(1).toLowerCase());
    return `ErrorCode::${camel.join('')}(${String(this.#code.val ?? '')})`;
  }
}

export class Pollable {
  #come;
  #instant;

  /**
   * @param {() => boolean} come whether it is ready
   * @param {bigint} [instant] when it will be, if time makes it so
   */
  constructor(come, instant) {
    this.#come = come;
    this.#instant = instant;
  }

  get instant() {
    return this.#instant;
  }

  come() {
    return this.#come();
  }

  ready() {
    collect();
    return this.#come();
  }

  block() {
    poll([this]);
  }
}

/** Which of the pollables are ready; waits until one is. */
export function poll(pollables) {
  if (pollables.length === 0) throw new Error('poll was given nothing to wait for');
  const instants = pollables.map(({ instant }) => instant).filter((each) => each !== undefined);
  const until = instants.reduce((least, each) => (each < least ? each : least), instants[0]);
  for (;;) {
    const come = wait(() => {
      const ready = pollables.flatMap((each, index) => (each.come() ? [index] : []));
      return ready.length > 0 ? ready : undefined;
    }, until);
    if (come) return Uint32Array.from(come);
  }
}

/** A pollable of time alone. */
export function timer(instant) {
  return new Pollable(() => now() >= instant, instant);
}

const closed = { tag: 'closed' };

export class InputStream {
  #source;

  /**
   * @param {{chunks: Uint8Array[], ended: boolean, error?: object, took(bytes: number): void}}
   *   source what has come of a body
   */
  constructor(source) {
    this.#source = source;
  }

  #some() {
    const { chunks, ended, error } = this.#source;
    return chunks.length > 0 || ended || error !== undefined;
  }

  read(length) {
    collect();
    const { chunks, ended, error } = this.#source;
    if (chunks.length === 0) {
      if (error !== undefined) throw { tag: 'last-operation-failed', val: new IoError(error) };
      if (ended) throw closed;
      return new Uint8Array();
    }
    const [first] = chunks;
    const take = first.subarray(0, Number(length));
    if (take.byteLength === first.byteLength) chunks.shift();
    else chunks[0] = first.subarray(take.byteLength);
    this.#source.took(take.byteLength);
    return take;
  }

  blockingRead(length) {
    this.subscribe().block();
    return this.read(length);
  }

  skip(length) {
    return BigInt(this.read(length).byteLength);
  }

  blockingSkip(length) {
    return BigInt(this.blockingRead(length).byteLength);
  }

  subscribe() {
    return new Pollable(() => this.#some());
  }
}

/** Bytes that a component may write between two looks at `check-write`. */
const BUDGET = 64 << 10;

/** Collects a request's body; nothing of it travels before it is whole. */
export class OutputStream {
  #write;

  /** @param {(bytes: Uint8Array) => void} write */
  constructor(write) {
    this.#write = write;
  }

  checkWrite() {
    return BigInt(BUDGET);
  }

  write(bytes) {
    if (bytes.byteLength > BUDGET) throw new Error('more was written than check-write allowed');
    this.#write(bytes);
  }

  blockingWriteAndFlush(bytes) {
    this.#write(bytes);
  }

  flush() {}

  blockingFlush() {}

  writeZeroes(length) {
    this.write(new Uint8Array(Number(length)));
  }

  blockingWriteZeroesAndFlush(length) {
    this.writeZeroes(length);
  }

  splice(source, length) {
    const bytes = source.read(length < BigInt(BUDGET) ? length : BigInt(BUDGET));
    this.#write(bytes);
    return BigInt(bytes.byteLength);
  }

  blockingSplice(source, length) {
    source.subscribe().block();
    return this.splice(source, length);
  }

  subscribe() {
    return new Pollable(() => true);
  }
}

export { IoError };
