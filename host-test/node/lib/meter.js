// Ends a sync that would never end by itself.

import { IDLE_STEPS, RECORDS } from './limits.js';
import { atTheLimit } from './sync_error.js';

export class Meter {
  #records = 0;
  /** Steps in a row that neither returned a record nor sent a request. */
  #idle = 0;
  #requests = 0;

  /** Counts one step, with the requests sent so far. */
  count(records, requests) {
    this.#records += records;
    if (this.#records > RECORDS) throw atTheLimit(`records of one run (${RECORDS})`);
    if (records > 0 || requests !== this.#requests) this.#idle = 0;
    this.#requests = requests;
    this.#idle += 1;
    if (this.#idle > IDLE_STEPS) {
      throw atTheLimit(`steps in a row without a record or a request (${IDLE_STEPS})`);
    }
  }
}
