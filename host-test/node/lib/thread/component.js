// A component of which each instance has a thread.

import { ThreadInstance } from './instance.js';

/**
 * @typedef {object} Build
 * @property {URL} program what the thread runs: `run.js`
 * @property {string} source the component as JavaScript
 * @property {Record<string, WebAssembly.Module>} modules its core modules
 */

export class ThreadComponent {
  /** What the connector says of itself. */
  about;
  #build;

  /** @param {any} about @param {() => Promise<Build>} build called once for each instance */
  constructor(about, build) {
    this.about = about;
    this.#build = build;
  }

  /** An instance in a thread of its own, which reaches nothing until it is opened. */
  instantiate(clock, http) {
    return new ThreadInstance(this.#build, clock, http);
  }
}
