// Secrets kept out of what a component says: one that repeats a source's
// answer, or a hostile one, must not put them in a log.

/** Shorter values would blacken half of every sentence. */
const SHORTEST = 6;

export class Redaction {
  #secrets;

  /** @param {{name: string, value: string}[]} secrets */
  constructor(secrets) {
    this.#secrets = secrets.filter(({ value }) => value.length >= SHORTEST);
  }

  /** The text with `[NAME]` for each secret. */
  apply(text) {
    return this.#secrets.reduce(
      (told, { name, value }) => told.replaceAll(value, `[${name}]`),
      String(text),
    );
  }

  /** The name of a secret that the text holds. */
  finds(text) {
    return this.#secrets.find(({ value }) => text.includes(value))?.name;
  }
}
