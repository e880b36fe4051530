// Headers as wasi:http has them.

import { latin1, ofLatin1 } from '../bytes.js';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FORBIDDEN = /^(connection|keep-alive|proxy-.*|transfer-encoding|upgrade|host|http2-settings)$/;

export class Fields {
  /** @type {[string, string][]} */
  #lines = [];
  #immutable = false;

  static fromList(entries) {
    const fields = new Fields();
    for (const [name, value] of entries) fields.append(name, value);
    return fields;
  }

  /** Headers that were received, or that belong to a request already. */
  static frozen(lines) {
    const fields = new Fields();
    fields.#lines = lines;
    fields.#immutable = true;
    return fields;
  }

  get lines() {
    return this.#lines;
  }

  #check(name, value) {
    if (this.#immutable) throw { tag: 'immutable' };
    if (!NAME.test(name) || (value !== undefined && /[\r\n\0]/.test(value))) {
      throw { tag: 'invalid-syntax' };
    }
    if (FORBIDDEN.test(name.toLowerCase())) throw { tag: 'forbidden' };
  }

  #of(name) {
    return this.#lines.filter(([each]) => each.toLowerCase() === name.toLowerCase());
  }

  get(name) {
    return this.#of(name).map(([, value]) => ofLatin1(value));
  }

  has(name) {
    return this.#of(name).length > 0;
  }

  set(name, values) {
    const given = values.map(latin1);
    this.#check(name);
    given.forEach((value) => this.#check(name, value));
    this.delete(name);
    given.forEach((value) => this.#lines.push([name, value]));
  }

  delete(name) {
    this.#check(name);
    const gone = this.#of(name);
    this.#lines = this.#lines.filter((line) => !gone.includes(line));
  }

  append(name, value) {
    const given = latin1(value);
    this.#check(name, given);
    this.#lines.push([name, given]);
  }

  entries() {
    return this.#lines.map(([name, value]) => [name, ofLatin1(value)]);
  }

  clone() {
    const fields = new Fields();
    fields.#lines = [...this.#lines];
    return fields;
  }
}
