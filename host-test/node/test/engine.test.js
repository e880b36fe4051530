// What rawdash's engine sees of a sync: it passes what widgets need, calls again
// until all is done, ends what takes too long as failed, and looks at what is stored.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { SYNC_MS } from '../lib/limits.js';
import { SlowSourceClock, DrivenClock } from './support/clocks.js';
import { assertSame, contentByWasmtime, contentOf } from './support/content.js';
import { FAULTS, Gate, relayed } from './support/gate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { NOON, RATE, SCHEDULED, Tenant, connectorAt, connectorOf, engine } from './support/tenant.js';

/** rawdash's engine ends a sync after so long, and calls it failed. */
const ENGINE_MS = 300_000;
const [DAY, NOW] = [86_400_000, Date.parse(NOON)];

describe('the engine', () => {
  let tenant;
  let gate;
  let Connector;
  let storage;

  before(async () => {
    tenant = await Tenant.start();
  });

  // A gate for each test: a sync that was ended may have a request under way.
  beforeEach(async () => {
    storage = new MemoryStorage();
    gate = await Gate.open(tenant.url);
    Connector = await connectorAt(gate.url, { clock: new SlowSourceClock() });
  });

  afterEach(() => gate.close());

  after(() => tenant.stop());

  const requests = (path) => gate.requests.filter((request) => request.path === path).length;

  /** A source of which each request seems to take a minute, or as long as that. */
  async function slow(each = 60_000) {
    const clock = new SlowSourceClock(() => gate.requests.length * each);
    return { clock, Slow: await connectorAt(gate.url, { clock }) };
  }

  test('never reports a first sync of hours as failed, and completes it sync by sync', async () => {
    const { clock, Slow } = await slow();
    let syncs = 0;
    for (let result; result?.unfinished !== undefined || syncs === 0; syncs += 1) {
      assert.ok(syncs < 50, 'it makes no progress');
      const { connector, lines } = connectorOf(Slow, tenant);
      const begun = clock.now();
      result = (await engine(connector, storage, { signal: new AbortController().signal })).at(-1);
      // A request takes a minute here, so the last step may end behind the limit.
      assert.ok(clock.now() - begun < SYNC_MS + 4 * 60_000);
      assert.equal(result.done, true);
      if (result.unfinished === undefined) continue;
      assert.ok(result.unfinished.length > 0);
      for (const { state, kind } of result.unfinished) assert.deepEqual([state, kind], ['postponed', 'wait']);
      assert.ok(lines.some(({ level, event }) => level === 'warn' && event === 'the next sync carries on'));
    }
    assert.ok(syncs > 2, `${syncs} syncs, which proves nothing`);
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
  });

  test('has each answer within its limit, with a cursor after each part of a sync', async () => {
    assert.ok(SYNC_MS < ENGINE_MS);
    const { clock, Slow } = await slow(3000);
    const { connector, lines } = connectorOf(Slow, tenant);
    const begun = clock.now();
    const results = await engine(connector, storage, { signal: new AbortController().signal });
    assert.ok(clock.now() - begun < ENGINE_MS);
    const parts = results.slice(0, -1);
    assert.ok(parts.length > 0 && parts.every(({ done, cursor }) => !done && cursor.phase));
    const reported = lines.filter(({ event }) => event === 'chunk budget reached');
    assert.equal(reported.length, parts.length);
    assert.deepEqual(Object.keys(reported[0].fields), ['resource', 'spec', 'pages', 'duration_ms']);
  });

  test('that passes no signal gets a whole sync, however long it takes', async () => {
    const { Slow } = await slow();
    const results = await engine(connectorOf(Slow, tenant).connector, storage);
    assert.deepEqual(results.at(-1), { done: true });
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
  });

  test('receives an error for what a person must do, also where the time of the sync is over', async () => {
    let lines = [];
    const isKnown = () => lines.some(({ event }) => event === 'fetch page failed');
    const clock = new SlowSourceClock(() => (isKnown() ? SYNC_MS : 0));
    const There = await connectorAt(gate.url, { clock });
    let refuse;
    const refused = new Promise((resolve) => (refuse = resolve));
    // Users are read for longer than it takes to be refused the statistics.
    gate.wrong = (_number, { url }) => {
      if (url.startsWith('/api/v2/users')) return relayed(() => refused);
      if (!url.startsWith('/api/v2/stats')) return undefined;
      return (_request, response) => response.writeHead(403).end('{"message":"insufficient scope"}', refuse);
    };
    const made = connectorOf(There, tenant);
    lines = made.lines;
    const { connector } = made;
    const signal = new AbortController().signal;
    await assert.rejects(engine(connector, storage, { signal }), (error) => {
      assert.equal(error.kind, 'permission');
      const states = Object.fromEntries(error.resources.map(({ name, state }) => [name, state]));
      assert.equal(states.auth0_daily_active_users, 'failed');
      assert.ok(Object.values(states).includes('postponed'), JSON.stringify(states));
      return true;
    });
  });

  test('never counts a sync as done that only failed until its time was over', async () => {
    const clock = new DrivenClock(RATE);
    const There = await connectorAt(gate.url, { clock });
    storage.before = () => {
      clock.pass(SYNC_MS);
      throw new Error('disk full');
    };
    const signal = new AbortController().signal;
    await assert.rejects(engine(connectorOf(There, tenant).connector, storage, { signal }), /disk full/);
    assert.equal(storage.writes.length, 1);
  });

  test('finds stored what was read before the credentials were revoked', async () => {
    const There = await connectorAt(gate.url, { clock: new DrivenClock(RATE) });
    const revoked = (_request, response) => void response.writeHead(401).end('{"message":"Expired token"}');
    gate.wrong = (number) => (number > 4 ? revoked : undefined);
    const { connector, lines } = connectorOf(There, tenant, { resources: ['login_events'] });
    await assert.rejects(engine(connector, storage), { kind: 'authentication' });
    const pages = lines.filter(({ event }) => event === 'fetched page');
    const items = pages.reduce((sum, { fields }) => sum + fields.items, 0);
    assert.ok(items > 0, 'nothing was read');
    assert.equal(storage.tables.events.length, items);
  });

  test('gets 90 days where 30 were read as soon as a widget shows them', async () => {
    const window = (days, mode) => ({
      mode,
      since: new Date(mode === 'full' ? NOW - (days + 1) * DAY : NOW).toISOString(),
      fetchSpecs: { auth0_daily_active_users: [{ requiredWindowMs: days * DAY }] },
      resources: new Set(['auth0_daily_active_users']),
    });
    const oldest = () => Math.min(...storage.tables.metrics.map(({ ts }) => ts));
    const midnight = (days) => Math.floor((NOW - days * DAY) / DAY) * DAY;
    await engine(connectorOf(Connector, tenant).connector, storage, window(30, 'full'));
    assert.equal(oldest(), midnight(31));
    // Within the hour the engine requests no more than the latest.
    await engine(connectorOf(Connector, tenant).connector, storage, window(90, 'latest'));
    assert.equal(oldest(), midnight(91));
    assert.equal(requests('/api/v2/users') + requests('/api/v2/logs'), 0);
  });

  test('gets every event once a widget without a window shows them', async () => {
    const events = (...specs) => ({
      mode: 'latest',
      fetchSpecs: { auth0_login_event: specs },
      resources: new Set(['auth0_login_event']),
    });
    await engine(connectorOf(Connector, tenant).connector, storage, events({ requiredWindowMs: 2 * DAY }));
    const few = storage.tables.events.length;
    assert.ok(few > 0);
    await engine(connectorOf(Connector, tenant).connector, storage, events({ requiredWindowMs: 2 * DAY }, {}));
    const wanted = await contentByWasmtime(tenant);
    assert.deepEqual(contentOf(storage).events, wanted.events);
    assert.ok(storage.tables.events.length > few);
    gate.requests.length = 0;
    await engine(connectorOf(Connector, tenant).connector, storage, events({}));
    assert.ok(requests('/api/v2/logs') <= 2, 'the whole log was read again');
  });

  test('reads no log and no user again each hour, and a full run by hand reads everything', async () => {
    await engine(connectorOf(Connector, tenant).connector, storage);
    const whole = requests('/api/v2/users');
    gate.requests.length = 0;
    await engine(connectorOf(Connector, tenant).connector, storage);
    assert.ok(requests('/api/v2/users') < whole);
    assert.ok(requests('/api/v2/logs') <= 2);
    gate.requests.length = 0;
    const byHand = { ...SCHEDULED, resources: undefined, fetchSpecs: undefined };
    assert.deepEqual((await engine(connectorOf(Connector, tenant).connector, storage, byHand)).at(-1), { done: true });
    assert.equal(requests('/api/v2/users'), whole);
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
  });

  test('may make another object for each call: a full run that has begun is carried on', async () => {
    const { Slow } = await slow(6000);
    let calls = 0;
    for (let result = {}; !result.done; calls += 1) {
      assert.ok(calls < 50, 'full runs without end');
      const { connector } = connectorOf(Slow, tenant);
      const cursor = JSON.parse(JSON.stringify(result.cursor ?? null)) ?? undefined;
      result = await connector.sync({ mode: 'full', cursor }, storage.handle());
    }
    assert.ok(calls > 2, `${calls} calls, which proves nothing`);
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
  });

  test('syncs with a configuration that the npm connector accepts, and logs warnings', async () => {
    const { connector, lines } = connectorOf(Connector, tenant, { resources: [], resorces: ['users'] });
    await engine(connector, storage);
    const warnings = lines.filter(({ level, fields }) => level === 'warn' && fields.code === undefined);
    assert.deepEqual(warnings.length, 2, JSON.stringify(warnings));
    assert.match(warnings[0].event, /ignores: resorces$/);
    assert.match(warnings[1].event, /^resources is empty/);
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
    assert.deepEqual(connector.serializeConfig().resources, []);
  });

  test('resolves the client ID as a secret, and it appears in no message', async () => {
    const { clientId, clientSecret, ...settings } = tenant.configuration;
    const lines = [];
    const say = (event, fields) => lines.push({ event, fields });
    const secrets = { ID: clientId, SECRET: tenant.secret };
    const context = { secretsResolver: { resolve: (name) => secrets[name] }, logger: { info: say, warn: say } };
    const connector = new Connector({ ...settings, clientId: { $secret: 'ID' } }, { clientSecret }, context);
    await engine(connector, storage);
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
    assert.ok(!JSON.stringify([lines, storage.tables]).includes(clientId));
    assert.deepEqual(connector.serializeConfig().clientId, { $secret: 'ID' });
  });

  test('finds in its log which writes failed, and of what', async () => {
    storage.before = (number) => {
      if (number === 2) throw new Error('database is locked');
    };
    const { connector, lines } = connectorOf(Connector, tenant);
    await engine(connector, storage);
    const [failed, ...others] = lines.filter(({ event }) => event.endsWith('failed'));
    assert.deepEqual([failed.event, others], ['write batch failed', []]);
    const { resource, spec, page, error } = failed.fields;
    assert.ok(['users', 'login_events', 'daily_active_users'].includes(resource), resource);
    assert.ok(spec === 0 && page >= 1);
    assert.match(error, /database is locked/);
  });

  test('finds nothing stored that the connector does not declare', async () => {
    // In the midst of a run as well, when users are staged.
    gate.wrong = (number) => (number > 6 ? FAULTS[500] : undefined);
    await engine(connectorOf(Connector, tenant).connector, storage).catch(() => {});
    const declared = () => {
      const { entities, events, metrics, edges, distributions } = storage.tables;
      const shapes = { entity: entities.map(({ type }) => type), event: events.map(({ name }) => name), metric: metrics.map(({ name }) => name) };
      for (const [shape, names] of Object.entries(shapes)) {
        for (const name of new Set(names)) assert.equal(Connector.resources[name]?.shape, shape, name);
      }
      assert.deepEqual(distributions, []);
      // rawdash's checks of edges: every column is there, and no attribute is undefined.
      for (const edge of edges) {
        assert.match(edge.kind, /^auth0_connector_/);
        for (const column of ['from_type', 'from_id', 'kind', 'to_type', 'to_id']) assert.ok(edge[column].length > 0);
        assert.ok(Number.isFinite(edge.updated_at));
        assert.deepEqual(JSON.parse(JSON.stringify(edge.attributes)), edge.attributes);
      }
    };
    assert.ok(storage.tables.edges.some(({ kind }) => kind.includes('staged')), 'nothing was staged');
    declared();
    gate.wrong = () => undefined;
    await engine(connectorOf(Connector, tenant).connector, storage);
    declared();
    assert.deepEqual(storage.tables.edges.map(({ kind }) => kind), ['auth0_connector_checkpoint']);
  });

  test('looks through the rows of its memory storage a few times, not once for each page', async () => {
    const long = await Tenant.start({ users: 10, logs: 6000 });
    const between = await Gate.open(long.url);
    try {
      const There = await connectorAt(between.url, { clock: new DrivenClock(RATE) });
      const { connector } = connectorOf(There, long, { resources: ['login_events'] });
      await engine(connector, storage);
      const pages = between.requests.filter(({ path }) => path === '/api/v2/logs').length;
      assert.ok(pages >= 60, `${pages} pages`);
      const writes = storage.writes.filter(({ method }) => method === 'events').length;
      assert.ok(writes <= pages / 10, `${writes} writes for ${pages} pages`);
    } finally {
      await between.close();
      await long.stop();
    }
  });
});
