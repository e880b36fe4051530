// The time that a sync lives in, in milliseconds. A test lets it run faster
// than the real one, and so waits for no deadline.

/** A timer of more milliseconds ends at once; one of fewer than 0 makes Node warn. */
const LONGEST_TIMER = 2 ** 31 - 1;

export class Clock {
  /** @param {number} rate how many milliseconds pass in a real one */
  constructor(rate = 1) {
    this.rate = rate;
  }

  now() {
    return performance.now() * this.rate;
  }

  /** The date, in Unix milliseconds. */
  date() {
    return Date.now();
  }

  /**
   * Calls back after a time; the answer takes the call back. A timer alone
   * keeps no process alive: what it guards does.
   */
  after(ms, call) {
    const timer = setTimeout(call, this.#real(ms));
    // Only Node's timers keep a process alive.
    timer.unref?.();
    return () => clearTimeout(timer);
  }

  /** Ends after a time, or when the signal fires. Never fails. */
  sleep(ms, signal) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, this.#real(ms));
      signal?.addEventListener('abort', end);
      if (signal?.aborted) end();
    });
  }

  #real(ms) {
    return Math.min(Math.max(ms / this.rate, 0), LONGEST_TIMER);
  }
}
