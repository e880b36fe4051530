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

/**
 * The time from which a resource is wanted, in Unix milliseconds. The engine
 * names one for all: as far back as the longest window of any widget reaches. A
 * resource whose widgets have shorter windows is wanted from later on, one with
 * a widget without a window from the beginning.
 */
function sinceOf(name, { mode, since, fetchSpecs = {} }) {
  // In `latest` it is the last sync, which the checkpoint knows better.
  if (mode !== 'full' || since === undefined || since === null) return undefined;
  const at = Date.parse(since);
  const own = fetchSpecs[name] ?? [];
  if (own.some(({ requiredWindowMs }) => requiredWindowMs === undefined)) return undefined;
  const shorter = own.length > 0 ? longest(Object.values(fetchSpecs).flat()) - longest(own) : 0;
  return at >= 0 ? at + shorter : undefined;
}

/**
 * @typedef {{resource: string, mode: 'auto', since?: number, conditions: never[]}} Want
 */

/**
 * The wants, and the names that the configuration does not allow.
 * @param {any} options the engine's
 * @param {{name: string, setting?: string}[]} allowed the resources that the
 *   configuration allows
 * @returns {{wants: Want[], unknown: string[]}} no wants: nothing is requested
 */
export function wantsOf(options, allowed) {
  const requested = options.resources === undefined ? undefined : [...options.resources];
  const has = ({ name, setting }, each) => each === name || each === setting;
  const known = allowed.filter(
    (resource) => requested === undefined || requested.some((each) => has(resource, each)),
  );
  const unknown = (requested ?? []).filter((each) => !allowed.some((resource) => has(resource, each)));
  const wants = known.map(({ name }) => ({
    resource: name,
    mode: 'auto',
    since: sinceOf(name, options),
    conditions: [],
  }));
  return { wants, unknown };
}
