// What is for the component's thread, in few messages: each one wakes it, and it looks
// through its requests. The head of a response and a page of rows are one.

import { concatenated } from '../bytes.js';

/** Bytes of a body that wait for more. */
const MOST_BYTES = 128 << 10;
/** Milliseconds for which they wait at most. */
const HELD_MS = 5;

export class Bundles {
  #post;
  /** @type {Map<number, {head?: object, parts: Uint8Array[], bytes: number, timer: any}>} */
  #held = new Map();

  /** @param {(message: object, transferred: ArrayBuffer[]) => void} post */
  constructor(post) {
    this.#post = post;
  }

  /** Takes what is for one exchange: sent at once if nothing follows it. */
  add({ id, head, data, ...last }) {
    const held = this.#held.get(id) ?? this.#hold(id);
    if (head) held.head = head;
    if (data) {
      held.parts.push(data);
      held.bytes += data.byteLength;
    }
    if (last.end || last.error || held.bytes >= MOST_BYTES) this.#send(id, held, last);
  }

  #hold(id) {
    const held = { parts: [], bytes: 0 };
    held.timer = setTimeout(() => this.#send(id, held, {}), HELD_MS);
    this.#held.set(id, held);
    return held;
  }

  #send(id, { head, parts, timer }, last) {
    clearTimeout(timer);
    this.#held.delete(id);
    // A copy, because a part may be a piece of a buffer that others use.
    const data = parts.length > 0 ? concatenated(parts) : undefined;
    const message = { id, ...(head && { head }), ...(data && { data }), ...last };
    this.#post(message, data ? [data.buffer] : []);
  }
}
