// A component whose instances live in the engine's thread, in a runtime that can
// suspend them.

import { SyncError } from '../sync_error.js';
import { SuspendingInstance } from './instance.js';

/**
 * @typedef {object} Build
 * @property {(module: (name: string) => WebAssembly.Module, imports: object) => Promise<any>}
 *   instantiate
 * @property {Record<string, WebAssembly.Module>} modules its core modules
 */

export class SuspendingComponent {
  /** What the connector says of itself. */
  about;
  #build;

  /** @param {any} about @param {() => Promise<Build>} build called once for each instance */
  constructor(about, build) {
    this.about = about;
    this.#build = build;
  }

  /** An instance, which reaches nothing until it is opened. */
  instantiate(clock, http) {
    if (!('Suspending' in WebAssembly)) {
      throw new SyncError(
        'component',
        'this runtime cannot suspend WebAssembly (JavaScript Promise Integration): use a newer ' +
          'one, or in Node the entry of the package that runs the component in a thread',
      );
    }
    return new SuspendingInstance(this.#build, clock, http);
  }
}
