// rawdash's log lines, without a secret in any of them.

const say = (level, scope) => (event, fields) => {
  const parts = Object.entries(fields).filter(([, value]) => value !== undefined);
  const told = parts.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join('');
  console[level](`[${scope}] ${event}${told}`);
};

export class Log {
  #logger;
  #redaction;
  /** By resource: pages, items and beginning of what this sync brought. */
  #sums = new Map();
  /** By resource, the name that the configuration has for it. */
  #settings;

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

  #tell(level, event, fields) {
    const safe = (value) => (typeof value === 'string' ? this.#redaction.apply(value) : value);
    const told = Object.entries(fields).map(([name, value]) => [name, safe(value)]);
    this.#logger[level](event, Object.fromEntries(told));
  }

  #sum(resource) {
    const sum = this.#sums.get(resource) ?? { pages: 0, items: 0, begun: performance.now() };
    this.#sums.set(resource, sum);
    return sum;
  }

  /** How the engine names where a resource is. The checkpoint knows better. */
  cursor(resource) {
    const { pages } = this.#sum(resource);
    return { phase: this.#settings.get(resource) ?? resource, page: pages > 0 ? String(pages) : null };
  }

  /** The resource that was stored last, in the engine's terms. */
  get last() {
    const resource = this.#latest ?? this.#settings.keys().next().value;
    return this.cursor(resource);
  }

  #latest;

  stored({ resource, rows, progress, warnings }) {
    const before = this.cursor(resource).page;
    const sum = this.#sum(resource);
    sum.pages = progress.pages;
    sum.items += rows.length;
    this.#latest = resource;
    this.#tell('info', 'fetched page', {
      resource: this.#settings.get(resource),
      page: progress.pages,
      items: rows.length,
      cursor: before,
      next: this.cursor(resource).page,
    });
    this.warned(warnings, resource);
  }

  /** Warnings, of a resource or of none. */
  warned(warnings, resource) {
    const about = resource === undefined ? {} : { resource: this.#settings.get(resource) };
    for (const { code, message, count } of warnings) {
      this.#tell('warn', message, { ...about, code, count });
    }
  }

  done(resource) {
    const { pages, items, begun } = this.#sum(resource);
    const duration = Math.round(performance.now() - begun);
    this.#tell('info', 'resource done', {
      resource: this.#settings.get(resource),
      pages,
      items,
      duration_ms: duration,
    });
    this.#sums.delete(resource);
  }

  failed(error) {
    const { phase, page } = error.resource ? this.cursor(error.resource) : this.last;
    this.#tell('warn', 'fetch page failed', {
      resource: phase,
      page: Number(page ?? 0) + 1,
      cursor: page,
      error: error.message,
    });
  }

  warn(message, fields = {}) {
    this.#tell('warn', message, fields);
  }
}
