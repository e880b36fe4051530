// Secrets kept out of what a component says: one that repeats a source's
// answer, or a hostile one, must not put them in a log.

import { base64, utf8 } from './bytes.js';

/** Shorter values would blacken half of every sentence. */
const SHORTEST = 6;
/** Characters by which a longer secret is known that a message cuts short. */
const TELLING = 16;

/**
 * A value in base64, by how many bytes of a group of three stand before it, without
 * the characters that it shares with others.
 * @returns {string[]}
 */
function encoded(value) {
  const bytes = utf8(value);
  const own = [0, 1, 2].map((shift) => bytes.subarray((3 - shift) % 3));
  const whole = own.map((part) => part.subarray(0, part.length - (part.length % 3)));
  const long = whole.filter((part) => part.length >= SHORTEST);
  const plain = long.map(base64);
  // Of whole groups of three, so without padding.
  return plain.flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
}

export class Redaction {
  #secrets = [];

  /** @param {{name: string, value: string}[]} secrets */
  constructor(secrets) {
    secrets.forEach(({ name, value }) => this.#add(name, value));
  }

  /** From now on replaces this credential too, which no configuration names. */
  learn(value) {
    if (!this.#secrets.some((secret) => secret.value === value)) this.#add('credential', value);
  }

  /** The text with `[NAME]` for each secret, as it is or in base64, whole or cut short. */
  apply(text) {
    return this.#secrets.reduce(replaced, String(text));
  }

  /** The name of a secret that the text holds. */
  finds(text) {
    return this.#secrets.find(({ telling }) => text.includes(telling))?.name;
  }

  #add(name, value) {
    if (value.length < SHORTEST) return;
    for (const spelt of new Set([value, ...encoded(value)])) {
      this.#secrets.push({ name, value: spelt, telling: spelt.slice(0, TELLING) });
    }
  }
}

function replaced(text, { name, value, telling }) {
  const [before, ...parts] = text.split(telling);
  const rest = value.slice(telling.length);
  const behind = (part) => {
    let shared = 0;
    while (shared < rest.length && part[shared] === rest[shared]) shared += 1;
    return part.slice(shared);
  };
  return [before, ...parts.map(behind)].join(`[${name}]`);
}
