// What the engine requests, as the contract's wants. Pure.
//
// The engine's `full` means "never synced to the end" or "an hour has passed,
// read the widgets' windows again": the npm connectors know no other way to see
// what changed. A component knows what changed, and `auto` makes a full run
// when none is complete, when the last is a day old, or after a gap. So both
// modes request `auto`, and neither reads everything each hour; with the
// engine's `latest` alone a deletion would never be seen.

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

/**
 * The time from which a resource is wanted, in Unix milliseconds. The engine
 * names one for all: as far back as the longest window of any widget reaches. A
 * resource whose widgets have shorter windows is wanted from later on, one with
 * a widget without a window from the beginning.
 */
function sinceOf(resource, { mode, since, fetchSpecs = {} }) {
  // In `latest` it is the last sync, which the checkpoint knows better.
  if (mode !== 'full' || since === undefined || since === null) return undefined;
  const at = Date.parse(since);
  const own = specsOf(resource, fetchSpecs);
  if (own.some(({ requiredWindowMs }) => requiredWindowMs === undefined)) return undefined;
  const shorter = own.length > 0 ? longest(Object.values(fetchSpecs).flat()) - longest(own) : 0;
  return at >= 0 ? at + shorter : undefined;
}

/**
 * @typedef {{field: string, op: string, values: string[]}} Condition
 * @typedef {{resource: string, mode: 'auto', since?: number, conditions: Condition[]}} Want
 */

const isPlain = (value) => ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);

/**
 * A clause of a widget's filter as a condition, which holds with any of its
 * values; undefined if the source cannot be asked that.
 * @returns {Condition | undefined}
 */
function conditionOf(clause, filterable) {
  const clauses = clause.or ?? [clause];
  const { field, op } = clauses[0] ?? {};
  const known = filterable.find((each) => each.field === field && each.ops.includes(op));
  const isOne = clauses.every((each) => each.field === field && each.op === op && isPlain(each.value));
  if (!known || !isOne) return undefined;
  const values = clauses.map(({ value }) => String(value));
  const canBeAsked = (value) => known.values.length === 0 || known.values.includes(value);
  return values.every(canBeAsked) ? { field, op, values } : undefined;
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

/**
 * The wants, and the names that the configuration does not allow. No resource
 * named, by rawdash's rule, is every resource.
 * @param {any} options the engine's
 * @param {{name: string, setting?: string, filterable: any[]}[]} allowed the
 *   resources that the configuration allows
 * @returns {{wants: Want[], unknown: string[]}} no wants: nothing is requested
 */
export function wantsOf(options, allowed) {
  const requested = [...(options.resources ?? [])];
  const has = ({ name, setting }, each) => each === name || each === setting;
  const known = allowed.filter(
    (resource) => requested.length === 0 || requested.some((each) => has(resource, each)),
  );
  const unknown = requested.filter((each) => !allowed.some((resource) => has(resource, each)));
  const wants = known.map((resource) => ({
    resource: resource.name,
    mode: 'auto',
    since: sinceOf(resource, options),
    conditions: conditionsOf(resource, options),
  }));
  return { wants, unknown };
}
