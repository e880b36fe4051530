// Makes rows all that is stored of a resource, or within a window of it: rawdash
// can remove a row only with all others of its name, and write those again in
// the same call.

import { rewritingType } from './checkpoint_entity.js';
import { MOST_ROWS, SHAPES } from './shapes.js';

export class Rewriting {
  #handle;
  #id;
  #entity;

  /** @param {string} id the connector's */
  constructor(handle, id, entity) {
    this.#handle = handle;
    this.#id = id;
    this.#entity = entity;
  }

  async rewrite({ name: resource, shape }, rows, window) {
    const { method, scope } = SHAPES[shape];
    if (rows.length <= MOST_ROWS) {
      return this.#handle.write(method, rows, scope(resource, window));
    }
    // More than one call, and a crash between two of them would lose the rest:
    // they are kept aside first, and the next sync ends what this one began.
    const type = rewritingType(this.#id, resource);
    const aside = rows.map((row, number) => ({
      type,
      id: String(number),
      attributes: { row },
      updated_at: 0,
    }));
    await this.#handle.replace('entities', aside, { types: [type] });
    const rewriting = { resource, shape, ...(window && { window }) };
    await this.#entity.keep({ ...this.#entity.kept, rewriting });
    return this.#write(rewriting, rows);
  }

  /** Ends what a crash interrupted. */
  async end() {
    const { rewriting } = this.#entity.kept;
    if (rewriting === undefined) return;
    const type = rewritingType(this.#id, rewriting.resource);
    const query = (inner) => inner.queryEntities({ type });
    const aside = await this.#handle.read('what is to be rewritten', query);
    await this.#write(rewriting, aside.map(({ attributes }) => attributes.row));
  }

  async #write({ resource, shape, window }, rows) {
    const { method, scope } = SHAPES[shape];
    await this.#handle.replace(method, rows, scope(resource, window));
    const { rewriting, ...kept } = this.#entity.kept;
    await this.#entity.keep(kept);
    await this.#handle.write('entities', [], { types: [rewritingType(this.#id, resource)] });
  }
}
