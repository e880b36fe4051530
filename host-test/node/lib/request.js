// What the engine requests, as the contract's wants. Pure.
//
// rawdash's scheduler passes `full` for "never synced to the end" and for "an hour
// has passed, read the widgets' windows again": the npm connectors know no other
// way to see what changed. A component knows what changed, and `auto` makes a full
// run when none is complete, when the last is a day old, or after a gap. So both
// modes of the scheduler are `auto`; with its `latest` alone a deletion would never
// be seen. A person's `full` is full. The scheduler always passes `fetchSpecs`, a
// person has none to pass.

/** By so much the engine reads further back than widgets reach. */
const MARGIN_MS = 86_400_000;

/** The longest window of these; undefined if there is none. */
function longest(specs) {
  const windows = specs.map(({ requiredWindowMs }) => requiredWindowMs);
  const finite = windows.filter((window) => window !== undefined);
  return finite.length > 0 ? Math.max(...finite) : undefined;
}

/** What widgets need of a resource, which `fetchSpecs` has under either name. */
function specsOf({ name, setting }, fetchSpecs) {
  return [...new Set([name, setting])].flatMap((each) => fetchSpecs[each] ?? []);
}

/** The engine's `since` in Unix milliseconds: in `full` a bound, in `latest` the last sync. */
function boundOf({ mode, since }) {
  const at = mode === 'full' ? Date.parse(since) : NaN;
  return at >= 0 ? at : undefined;
}

/**
 * The time from which a resource is wanted, in Unix milliseconds. The engine names
 * one for all, in `full` only: as far back as the longest window of any widget
 * reaches. A resource whose widgets have shorter windows is wanted from later on.
 * @param {any} resource
 * @param {any} options the engine's
 * @param {{now: number, bounds: Record<string, number>}} known
 */
function sinceOf(resource, options, { now, bounds }) {
  const { fetchSpecs = {} } = options;
  const bound = boundOf(options);
  const own = specsOf(resource, fetchSpecs);
  if (own.length === 0) return bound;
  if (own.some(({ requiredWindowMs }) => requiredWindowMs === undefined)) {
    // A component that read events of a window alone does not read older ones
    // unless the request says so.
    return resource.shape === 'event' && resource.name in bounds ? 0 : undefined;
  }
  const all = longest(Object.values(fetchSpecs).flat());
  const end = bound === undefined ? now - MARGIN_MS : bound + all;
  return Math.max(end - longest(own), 0);
}

/**
 * @typedef {{field: string, op: string, values: string[]}} Condition
 * @typedef {{resource: string, mode: 'auto' | 'full', since?: number, conditions: Condition[]}} Want
 */

const isPlain = (value) => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);

/**
 * A clause of a widget's filter as a condition, which holds with any of its
 * values; undefined if the source cannot filter by it.
 * @returns {Condition | undefined}
 */
function conditionOf(clause, filterable) {
  const clauses = clause.or ?? [clause];
  const { field, op } = clauses[0] ?? {};
  const known = filterable.find((each) => each.field === field && each.ops.includes(op));
  const isOne = clauses.every((each) => each.field === field && each.op === op && isPlain(each.value));
  if (!known || !isOne) return undefined;
  const values = clauses.map(({ value }) => String(value));
  const canFilter = (value) => known.values.length === 0 || known.values.includes(value);
  return values.every(canFilter) ? { field, op, values } : undefined;
}

/**
 * The conditions that hold for each row of which any widget has a use: those
 * that every widget has, with the values of all. rawdash filters by the rest
 * when it reads.
 * @returns {Condition[]}
 */
function conditionsOf(resource, { fetchSpecs = {} }) {
  const filters = specsOf(resource, fetchSpecs).map(({ filter = [] }) =>
    filter.map((clause) => conditionOf(clause, resource.filterable)).filter(Boolean),
  );
  const [first = [], ...others] = filters;
  return first.flatMap(({ field, op, values }) => {
    const same = others.map((filter) => filter.find((each) => each.field === field && each.op === op));
    if (same.includes(undefined)) return [];
    return [{ field, op, values: [...new Set([values, ...same.map((each) => each.values)].flat())] }];
  });
}

/** Whether a person requests everything anew. */
export const isFullByHand = ({ mode, fetchSpecs }) => mode === 'full' && fetchSpecs === undefined;

/**
 * The wants, and the names that the configuration does not allow. No resource
 * named, by rawdash's rule, is every resource.
 * @param {any} options the engine's
 * @param {{name: string, setting?: string, filterable: any[]}[]} allowed the
 *   resources that the configuration allows
 * @param {object} known
 * @param {number} known.now in Unix milliseconds
 * @param {Record<string, number>} known.bounds by resource, since when its last
 *   complete run was wanted, where there was a bound
 * @param {string[]} known.begun resources whose full run has begun in an earlier
 *   call of this sync
 * @returns {{wants: Want[], unknown: string[]}} no wants: nothing is requested
 */
export function wantsOf(options, allowed, known) {
  const requested = [...(options.resources ?? [])];
  const has = ({ name, setting }, each) => each === name || each === setting;
  const wanted = allowed.filter(
    (resource) => requested.length === 0 || requested.some((each) => has(resource, each)),
  );
  const unknown = requested.filter((each) => !allowed.some((resource) => has(resource, each)));
  const isFull = ({ name }) => isFullByHand(options) && !known.begun.includes(name);
  const wants = wanted.map((resource) => ({
    resource: resource.name,
    mode: isFull(resource) ? 'full' : 'auto',
    since: sinceOf(resource, options, known),
    conditions: conditionsOf(resource, options),
  }));
  return { wants, unknown };
}
