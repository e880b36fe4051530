// Makes rows all that is stored of a resource, or within a window of it: rawdash
// can remove a row only with all others of its name, and write those again in
// the same call.

import { allOwn, ownEdge, rewritingKind } from './own_edge.js';
import { MOST_ROWS, SHAPES } from './shapes.js';

export class Rewriting {
  #handle;
  #id;
  #checkpoint;

  /** @param {string} id the connector's */
  constructor(handle, id, checkpoint) {
    this.#handle = handle;
    this.#id = id;
    this.#checkpoint = checkpoint;
  }

  async rewrite({ name: resource, shape }, rows, window) {
    const { method, scope } = SHAPES[shape];
    if (rows.length <= MOST_ROWS) {
      return this.#handle.write(method, rows, scope(resource, window));
    }
    // More than one call, and a crash between two of them would lose the rest:
    // they are kept aside first, and the next sync ends what this one began.
    const kind = rewritingKind(this.#id, resource);
    const aside = rows.map((row, number) => ownEdge(kind, String(number), { row }));
    await this.#handle.replace('edges', aside, { kinds: [kind] });
    const rewriting = { resource, shape, ...(window && { window }) };
    await this.#checkpoint.keep({ ...this.#checkpoint.kept, rewriting });
    return this.#write(rewriting, rows);
  }

  /** Ends what a crash interrupted. */
  async end() {
    const { rewriting } = this.#checkpoint.kept;
    if (rewriting === undefined) return;
    const query = allOwn(rewritingKind(this.#id, rewriting.resource));
    const aside = await this.#handle.read('what is to be rewritten', query);
    await this.#write(rewriting, aside.map(({ attributes }) => attributes.row));
  }

  async #write({ resource, shape, window }, rows) {
    const { method, scope } = SHAPES[shape];
    await this.#handle.replace(method, rows, scope(resource, window));
    const { rewriting, ...kept } = this.#checkpoint.kept;
    await this.#checkpoint.keep(kept);
    await this.#handle.write('edges', [], { kinds: [rewritingKind(this.#id, resource)] });
  }
}
