// What the engine asks, as the contract's request. Pure.
//
// The engine's `full` means "never synced to the end" or "an hour has passed,
// read the widgets' windows again": the npm connectors know no other way to see
// what changed. A component knows what changed, and `auto` makes a full run
// when none is complete, when the last is a day old, or after a gap. So both
// modes request `auto`, and neither reads everything each hour; with the
// engine's `latest` alone a deletion would never be seen.

/**
 * @typedef {{mode: 'auto', since?: number, resources: string[]}} Request
 */

/** The instant from which events are wanted, in Unix milliseconds. */
function since({ mode, since: text, fetchSpecs }, about) {
  // In `latest` it is the last sync, which the checkpoint knows better.
  if (mode !== 'full' || text === undefined || text === null) return undefined;
  const events = about.resources.filter(({ shape }) => shape === 'event');
  const specs = events.flatMap(({ name }) => fetchSpecs?.[name] ?? []);
  // The engine takes the longest window of those widgets that have one; a
  // widget over events without a window wants them all.
  if (specs.some(({ requiredWindowMs }) => requiredWindowMs === undefined)) return undefined;
  const at = Date.parse(text);
  return Number.isFinite(at) && at >= 0 ? at : undefined;
}

/**
 * The request, and the names that the component does not have.
 * @param {any} options the engine's
 * @param {any} about the manifest
 * @param {string[] | undefined} configured the configuration's `resources`
 * @returns {{request?: Request, unknown: string[]}} no request: nothing is asked
 */
export function requestOf(options, about, configured) {
  const allowed = about.resources.filter(
    ({ setting }) => configured === undefined || configured.includes(setting),
  );
  const asked = options.resources === undefined ? undefined : [...options.resources];
  const known = allowed.filter(
    ({ name, setting }) => asked === undefined || asked.includes(name) || asked.includes(setting),
  );
  const unknown = (asked ?? []).filter(
    (each) => !allowed.some(({ name, setting }) => name === each || setting === each),
  );
  if (asked !== undefined && known.length === 0) return { unknown };
  const resources = asked === undefined ? [] : known.map(({ name }) => name);
  return { request: { mode: 'auto', since: since(options, about), resources }, unknown };
}
