// Batches as the component's thread returns them, and the resources that they
// are of.

/** The id of the connector. */
export const ID = 'test';

export const RESOURCES = [
  { name: 'thing', shape: 'entity', fields: [], dimensions: [] },
  { name: 'link', shape: 'edge', fields: [], dimensions: [] },
  { name: 'login', shape: 'event', fields: [{ name: 'type' }, { name: 'logId' }], dimensions: [] },
  { name: 'job', shape: 'event', fields: [{ name: 'status' }], dimensions: [] },
  { name: 'days', shape: 'metric', fields: [], dimensions: [{ name: 'kind' }] },
  { name: 'warmth', shape: 'distribution', fields: [], dimensions: [{ name: 'station' }] },
];

const batch = (resource, effect, rows, areRemovals = false) => ({ resource, areRemovals, effect, rows, text: 0 });

export const merge = { tag: 'merge' };
export const stage = (generation) => ({ tag: 'stage', generation });
export const publish = (generation, more = {}) => ({ tag: 'publish', generation, emptyIsTrue: false, ...more });
export const window = (start, end) => ({ tag: 'replace-window', window: { start, end } });
export const from = (...ids) => ({ tag: 'replace-from', nodes: ids.map((id) => ({ type: 'thing', id })) });

export const thing = (id, version = 1) => ({
  type: 'thing', id: String(id), attributes: { version }, updated_at: version,
});
export const things = (count, version) => Array.from({ length: count }, (_, id) => thing(id, version));

export const login = (logId, start) => ({
  id: logId,
  row: { name: 'login', start_ts: start, end_ts: null, attributes: { type: 's', logId } },
});
export const job = (id, start, status, end = null) => ({
  id,
  row: { name: 'job', start_ts: start, end_ts: end, attributes: { status } },
});

export const day = (ts, value, more = {}) => ({ name: 'days', ts, value, attributes: { kind: 'logins', ...more } });

export const warmth = (ts, sum, station = 'hill') => ({
  name: 'warmth', ts, kind: 'summary', data: { quantiles: [{ q: 0.5, value: sum }], count: 1, sum }, attributes: { station },
});

export const edge = (id, to, at = 1) => ({
  from_type: 'thing', from_id: id, kind: 'link', to_type: 'thing', to_id: to, attributes: {}, updated_at: at,
});

export const ofThings = (effect, rows) => batch('thing', effect, rows);
export const ofLogins = (effect, ...rows) => batch('login', effect, rows);
export const ofJobs = (effect, ...rows) => batch('job', effect, rows);
export const ofDays = (effect, ...rows) => batch('days', effect, rows);
export const ofWarmth = (effect, ...rows) => batch('warmth', effect, rows);
export const ofLinks = (effect, ...rows) => batch('link', effect, rows);
export const removed = (resource, ...rows) => batch(resource, merge, rows, true);
