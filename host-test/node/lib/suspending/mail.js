// What goes between a component and its requests where both live in one thread:
// a component that waits is suspended, and the event loop runs on.

const MS = 1e6;

export class Mail {
  #clock;
  #post;
  #receivers = new Map();
  #last = 0;
  #wake = () => {};
  #ended = false;

  /** @param {(message: object) => void} post takes what the component sends */
  constructor(clock, post) {
    this.#clock = clock;
    this.#post = post;
  }

  /** Delivers a message to the component, and wakes it. */
  deliver(message) {
    this.#receivers.get(message.id)?.(message);
    this.#wake();
  }

  now() {
    return BigInt(Math.round(this.#clock.now() * MS));
  }

  open(receive) {
    this.#last += 1;
    this.#receivers.set(this.#last, receive);
    return this.#last;
  }

  close(id) {
    return this.#receivers.delete(id);
  }

  post(message) {
    this.#post(message);
  }

  /** Nothing to do: messages are delivered as they arrive. */
  collect() {}

  /** Nothing waits any more: a component that did is never resumed. */
  end() {
    this.#ended = true;
    this.#wake();
  }

  async wait(answer, until) {
    for (;;) {
      if (this.#ended) return new Promise(() => {});
      const answered = answer();
      if (answered !== undefined) return answered;
      await this.#rest(until);
    }
  }

  /** Ends at the next message, or at an instant. */
  #rest(until) {
    const woken = new AbortController();
    const mail = new Promise((resolve) => {
      this.#wake = () => {
        woken.abort();
        resolve();
      };
    });
    if (until === undefined) return mail;
    // In a runtime whose clock stands still while it computes, never zero.
    const left = Math.max(Number(until - this.now()) / MS, 1);
    return this.#clock.sleep(left, woken.signal);
  }
}
