// The time that a sync lives in, in milliseconds. A test lets it run faster
// than the real one, and so waits for no deadline.

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
    const timer = setTimeout(call, ms / this.rate);
    timer.unref();
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
      const timer = setTimeout(end, ms / this.rate);
      signal?.addEventListener('abort', end);
      if (signal?.aborted) end();
    });
  }
}
