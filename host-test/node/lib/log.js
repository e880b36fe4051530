// rawdash's log lines, without a secret in any of them.

import { folded } from './warnings.js';

const say = (level, scope) => (event, fields) => {
  const members = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  console[level](`[${scope}] ${event}${members.join('')}`);
};

/** A component reads all that widgets need of a resource in one run, rawdash's first. */
const SPEC = 0;

/**
 * @typedef {object} Sum what was read of a resource in this sync
 * @property {number} pages of the run, in earlier syncs too
 * @property {number} items
 * @property {number} begun when, in milliseconds
 * @property {Record<string, unknown>} [line] of the last page: until the next one is
 *   there, nobody knows whether there is one
 * @property {any[]} warnings of pages
 */

export class Log {
  #logger;
  #redaction;
  /** @type {Map<string, Sum>} by resource */
  #sums = new Map();
  /** By resource, the name that the configuration has for it. */
  #settings;
  #latest;

  /** @param {{info: Function, warn: Function} | undefined} logger the engine's */
  constructor(logger, about, redaction) {
    this.#logger = logger ?? { info: say('info', about.id), warn: say('warn', about.id) };
    this.#redaction = redaction;
    this.allow(about.resources);
  }

  /** The resources as the configuration has them. */
  allow(resources) {
    this.#settings = new Map(resources.map(({ name, setting }) => [name, setting ?? name]));
  }

  /** How the engine names where a resource is. The checkpoint knows better. */
  cursor(resource) {
    const { pages } = this.#sum(resource);
    return { phase: this.#setting(resource), page: pages > 0 ? String(pages) : null };
  }

  /** The resource that was read last, in the engine's terms. */
  get last() {
    return this.cursor(this.#latest ?? this.#settings.keys().next().value);
  }

  /** A run of a resource began. */
  began(resource) {
    this.#sum(resource);
  }

  /** Pages of a resource were read. */
  page({ resource, rows, progress, warnings }) {
    const sum = this.#sum(resource);
    const before = this.cursor(resource).page;
    this.#latest = resource;
    sum.pages = progress.pages;
    sum.items += rows.length;
    sum.warnings.push(...warnings);
    this.#logPage(sum, before);
    sum.line = {
      resource: this.#setting(resource),
      spec: SPEC,
      page: progress.pages,
      items: rows.length,
      cursor: before,
    };
  }

  /** Warnings of no page, about a resource or none. */
  warned(warnings, resource) {
    const about = resource === undefined ? {} : { resource: this.#setting(resource) };
    for (const { code, message, count } of folded(warnings)) {
      this.#write('warn', message, { ...about, code, count });
    }
  }

  /**
   * The run of a resource ended.
   * @param {import('./ledger.js').State} state
   */
  ended(resource, state) {
    const sum = this.#sum(resource);
    const { pages, items, begun, warnings } = sum;
    this.#logPage(sum, state === 'complete' ? undefined : this.cursor(resource).page);
    this.warned(warnings, resource);
    this.#sums.delete(resource);
    if (state !== 'complete') return;
    const duration = Math.round(performance.now() - begun);
    this.#write('info', 'resource done', {
      resource: this.#setting(resource),
      spec: SPEC,
      pages,
      items,
      duration_ms: duration,
    });
  }

  /** A call of the engine ends before the sync. */
  paused() {
    this.flush();
    const { phase, page } = this.last;
    const pages = Number(page ?? 0);
    const { begun } = this.#sums.get(this.#latest) ?? { begun: performance.now() };
    const duration = Math.round(performance.now() - begun);
    const fields = { resource: phase, spec: SPEC, pages, duration_ms: duration };
    this.#write('info', 'chunk budget reached', fields);
  }

  failed(error) {
    this.flush();
    const { phase, page } = error.resource ? this.cursor(error.resource) : this.last;
    const isWrite = error.kind === 'storage';
    const done = Number(page ?? 0);
    this.#write('warn', isWrite ? 'write batch failed' : 'fetch page failed', {
      resource: phase,
      spec: SPEC,
      page: isWrite ? Math.max(done, 1) : done + 1,
      cursor: page,
      error: error.message,
    });
  }

  warn(message, fields = {}) {
    this.#write('warn', message, fields);
  }

  /** Logs the pages of runs that are under way: the rest is read later. */
  flush() {
    for (const [resource, sum] of this.#sums) this.#logPage(sum, this.cursor(resource).page);
  }

  /** Logs what is left of runs that go on in another instance. */
  close() {
    this.flush();
    for (const [resource, { warnings }] of this.#sums) this.warned(warnings, resource);
    this.#sums.clear();
  }

  #setting(resource) {
    return this.#settings.get(resource) ?? resource;
  }

  #sum(resource) {
    const fresh = { pages: 0, items: 0, begun: performance.now(), warnings: [] };
    const sum = this.#sums.get(resource) ?? fresh;
    this.#sums.set(resource, sum);
    return sum;
  }

  #logPage(sum, next) {
    if (sum.line) this.#write('info', 'fetched page', { ...sum.line, next });
    sum.line = undefined;
  }

  #write(level, event, fields) {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
    const safe = (value) => (typeof value === 'string' ? this.#redaction.apply(value) : value);
    const redacted = given.map(([name, value]) => [name, safe(value)]);
    this.#logger[level](event, Object.fromEntries(redacted));
  }
}
