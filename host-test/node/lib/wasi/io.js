// wasi:io for the component: what it can wait for, and what it can read.

/**
 * What goes between a component and its requests.
 * @typedef {object} Mail
 * @property {() => bigint} now nanoseconds of the monotonic clock
 * @property {(receive: (message: any) => void) => number} open a number for a new
 *   exchange, whose mail goes to `receive`
 * @property {(id: number) => boolean} close ends the mail of an exchange; whether there
 *   was one
 * @property {(message: any) => void} post
 * @property {() => void} collect hands out what has arrived, without waiting
 * @property {<T>(answer: () => T | undefined, until?: bigint) => T | Promise<T>} wait
 *   until `answer` returns a value; it is called whenever mail has arrived, and at
 *   an instant; a promise where the runtime has no threads
 */

/** The mail of what never waits. */
const NONE = { collect() {}, wait: (answer) => answer() };

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
  #mail;
  #isReady;
  #instant;

  /**
   * @param {Mail} mail
   * @param {() => boolean} isReady
   * @param {bigint} [instant] when it will be, if time makes it so
   */
  constructor(mail, isReady, instant) {
    this.#mail = mail;
    this.#isReady = isReady;
    this.#instant = instant;
  }

  /** What is ready already. */
  static always() {
    return new Pollable(NONE, () => true);
  }

  get instant() {
    return this.#instant;
  }

  isReady() {
    return this.#isReady();
  }

  ready() {
    this.#mail.collect();
    return this.#isReady();
  }

  block() {
    return this.#mail.wait(() => this.#isReady() || undefined, this.#instant);
  }
}

/**
 * Which of the pollables are ready; waits until one is.
 * @param {Mail} mail
 * @param {Pollable[]} pollables
 */
export function poll(mail, pollables) {
  if (pollables.length === 0) throw new Error('poll was given nothing to wait for');
  const instants = pollables.map(({ instant }) => instant).filter((each) => each !== undefined);
  const until = instants.reduce((least, each) => (each < least ? each : least), instants[0]);
  return mail.wait(() => {
    const ready = pollables.flatMap((each, index) => (each.isReady() ? [index] : []));
    return ready.length > 0 ? Uint32Array.from(ready) : undefined;
  }, until);
}

/** A pollable of time alone. */
export function timer(mail, instant) {
  return new Pollable(mail, () => mail.now() >= instant, instant);
}

const closed = { tag: 'closed' };

export class InputStream {
  #mail;
  #source;

  /**
   * @param {Mail} mail
   * @param {{chunks: Uint8Array[], ended: boolean, error?: object, took(bytes: number): void}}
   *   source what has arrived of a body
   */
  constructor(mail, source) {
    this.#mail = mail;
    this.#source = source;
  }

  #some() {
    const { chunks, ended, error } = this.#source;
    return chunks.length > 0 || ended || error !== undefined;
  }

  read(length) {
    this.#mail.collect();
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
    return this.whenReadable(() => this.read(length));
  }

  skip(length) {
    return BigInt(this.read(length).byteLength);
  }

  blockingSkip(length) {
    return this.whenReadable(() => this.skip(length));
  }

  /** What `act` returns once there is something to read. */
  whenReadable(act) {
    return this.#mail.wait(() => (this.#some() ? act() : undefined));
  }

  subscribe() {
    return new Pollable(this.#mail, () => this.#some());
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
    return source.whenReadable(() => this.splice(source, length));
  }

  subscribe() {
    return Pollable.always();
  }
}

export { IoError };
