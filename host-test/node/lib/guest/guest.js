// An instantiated component, called by name. It answers in plain values, in a
// thread of its own at once, and without one by a promise.

import { byteLength, fits } from '../bytes.js';
import { CHECKPOINT } from '../limits.js';
import { Breach } from './breach.js';
import { plainStep } from './step.js';

/** What the component refused, as data; anything else is a crash. */
async function refusal(call) {
  try {
    return { value: await call() };
  } catch (error) {
    // An error of the contract that is a record or a variant arrives as it is.
    if (!(error instanceof Error)) return { refused: error };
    if (Object.hasOwn(error, 'payload')) return { refused: error.payload };
    throw error;
  }
}

/** The contract's request, whose times are integers of 64 bits. */
function requestOf({ wants, patience }) {
  const want = ({ since, ...rest }) => ({
    ...rest,
    since: since === undefined ? undefined : BigInt(since),
  });
  return { wants: wants.map(want), patience };
}

export class Guest {
  #connector;
  #manifest;
  /** The resources that the configuration allows, by which batches are judged. */
  #resources = [];

  /** @param {{connector: any, manifest: any}} exports the component's */
  constructor({ connector, manifest }) {
    this.#connector = connector;
    this.#manifest = manifest;
  }

  /**
   * @param {'describe' | 'configure' | 'step'} name
   * @returns {Promise<{value: any} | {refused: any}>}
   */
  call(name, args) {
    switch (name) {
      case 'describe':
        return this.#describe();
      case 'configure':
        return this.#configure(...args);
      default:
        return this.#step(...args);
    }
  }

  async #describe() {
    return { value: await this.#manifest.describe() };
  }

  async #configure(configuration, secrets, checkpoint) {
    const call = () => this.#connector.configure(configuration, secrets, checkpoint);
    const configured = await refusal(call);
    this.#resources = configured.value?.resources ?? [];
    return configured;
  }

  async #step(request) {
    const stepped = await refusal(() => this.#connector.sync(requestOf(request)));
    if (stepped.refused) return stepped;
    const { value: checkpoint, refused } = await refusal(() => this.#connector.checkpoint());
    if (refused) throw new Breach(`after a step there is no checkpoint: ${refused.message}`);
    if (!fits(checkpoint, CHECKPOINT)) {
      throw new Breach(
        `its checkpoint has ${byteLength(checkpoint)} bytes, more than ${CHECKPOINT}`,
      );
    }
    return { value: { step: plainStep(stepped.value, this.#resources), checkpoint } };
  }
}
