// Steps that are accepted and not written yet. Several are written at once: a
// storage that looks through all of its rows at each call would otherwise do so
// for each page of the source. The checkpoint is written with the last of them,
// so a crash costs some requests and no row.

import { MOST_ROWS } from './shapes.js';

/** Steps that are held at most. */
const MOST_STEPS = 60;
/** Characters of attributes that are held at most, beside the last step's. */
const MOST_TEXT = 16 << 20;
/** Milliseconds for which they are held at most, while the source answers. */
const HELD_MS = 2000;

/** Whether a batch may be written later: none of its rows is removed by it. */
const canWait = ({ areRemovals, effect }) =>
  !areRemovals && (effect.tag === 'merge' || effect.tag === 'stage');

/** Whether the rows of two batches of a resource can be written as one batch. */
const belong = (one, other) =>
  one.effect.tag === other.effect.tag && one.effect.generation === other.effect.generation;

/** The batches as few ones; those of one resource stay in their order. */
function joined(batches) {
  const byResource = new Map();
  for (const batch of batches) {
    const those = byResource.get(batch.resource) ?? [];
    byResource.set(batch.resource, those);
    const last = those.at(-1);
    if (last && belong(last, batch)) last.rows.push(...batch.rows);
    else those.push({ ...batch, rows: [...batch.rows] });
  }
  return [...byResource.values()].flat();
}

export class PendingSteps {
  #batches = [];
  #steps = 0;
  #rows = 0;
  #text = 0;
  #since;
  #checkpoint;

  /** Whether the records of a step may be held. */
  static canHold(batches) {
    return batches.every(canWait);
  }

  /** Holds a step, and says whether all that is held is to be written now. */
  hold(batches, checkpoint, now) {
    if (this.#steps === 0) this.#since = now;
    this.#batches.push(...batches);
    this.#steps += 1;
    this.#rows += batches.reduce((sum, { rows }) => sum + rows.length, 0);
    this.#text += batches.reduce((sum, { text }) => sum + text, 0);
    this.#checkpoint = checkpoint;
    const isMuch =
      this.#steps >= MOST_STEPS || this.#rows >= MOST_ROWS || this.#text >= MOST_TEXT;
    return isMuch || now - this.#since >= HELD_MS;
  }

  /** What is held, as one step; undefined if nothing is. */
  take() {
    if (this.#steps === 0) return undefined;
    const taken = { batches: joined(this.#batches), checkpoint: this.#checkpoint };
    [this.#batches, this.#steps, this.#rows, this.#text] = [[], 0, 0, 0];
    return taken;
  }
}
