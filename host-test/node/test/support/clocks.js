// Clocks by which a test waits for nothing.

import { Clock } from '../../lib/clock.js';
import { NOON } from './tenant.js';

/** Time that passes only in pauses, and passes there at once. */
export class DrivenClock extends Clock {
  slept = [];
  #now = 0;

  now() {
    return this.#now;
  }

  pass(ms) {
    this.#now += ms;
  }

  async sleep(ms) {
    if (ms <= 0) return;
    this.slept.push(ms);
    this.pass(ms);
  }
}

/** In real time, and on the tenant's day; a source seems to have taken long besides. */
export class SlowSourceClock extends Clock {
  /** @param {() => number} taken how long so far */
  constructor(taken = () => 0) {
    super(1);
    this.taken = taken;
  }

  now() {
    return super.now() + this.taken();
  }

  date() {
    return Date.parse(NOON);
  }
}

/** A clock that reports a long pause. */
export class PauseReportingClock extends Clock {
  onPause = () => {};

  sleep(ms, signal) {
    if (ms > 5000) this.onPause(ms);
    return super.sleep(ms, signal);
  }
}
