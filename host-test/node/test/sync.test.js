// How a sync behaves towards the engine that calls it.

import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { Clock } from '../lib/clock.js';
import { SlowSourceClock, DrivenClock, PauseReportingClock } from './support/clocks.js';
import { assertSame, contentByWasmtime, contentOf } from './support/content.js';
import { FAULTS, Gate, isOfGate, relayed } from './support/gate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { NOON, RATE, SCHEDULED, Tenant, connectorAt, connectorOf, engine } from './support/tenant.js';

describe('a sync', () => {
  let tenant;
  let gate;
  let Connector;
  let storage;

  before(async () => {
    tenant = await Tenant.start();
    gate = await Gate.open(tenant.url);
    Connector = await connectorAt(gate.url);
  });

  beforeEach(() => {
    storage = new MemoryStorage();
    gate.requests.length = 0;
    gate.wrong = () => undefined;
  });

  after(async () => {
    await gate.close();
    await tenant.stop();
  });

  test('aborted in the middle of a request sends and writes nothing more', async () => {
    // The component would wait 20 s for the answer: half an hour on this clock.
    const Patient = await connectorAt(gate.url, { clock: new Clock(0.01) });
    // Those that are sent, not those that arrive: some may be on their way.
    let sent = 0;
    const counts = ({ request }) => (sent += isOfGate(request) ? 0 : 1);
    diagnostics.subscribe('http.client.request.start', counts);
    try {
      for (const nth of [1, 4, 8]) {
        [gate.requests.length, sent] = [0, 0];
        storage = new MemoryStorage();
        const abort = new AbortController();
        let before;
        const brokenOff = new Promise((resolve) => {
          gate.wrong = (number) => {
            if (number < nth) return undefined;
            return (_request, response) => {
              response.on('close', () => resolve(true));
              before ??= { sent, written: storage.writes.length };
              abort.abort();
            };
          };
        });
        const { connector } = connectorOf(Patient, tenant);
        const syncing = engine(connector, storage, { signal: abort.signal });
        const waited = pause(600_000, false, { ref: false });
        assert.ok(await Promise.race([brokenOff, waited]), 'the request under way was not broken off');
        const result = (await syncing).at(-1);
        assert.equal(result.done, false);
        assert.equal(result.transientError, undefined);
        await pause(200);
        assert.ok(before.sent >= nth);
        assert.deepEqual({ sent, written: storage.writes.length }, before, 'after the signal');
        assert.equal(storage.dropped, 0, 'a write was tried after the signal');
      }
    } finally {
      diagnostics.unsubscribe('http.client.request.start', counts);
    }
  });

  test('breaks off a request that the component has given up', async () => {
    let given;
    const brokenOff = new Promise((resolve) => {
      gate.wrong = (number, { url }) => {
        if (number === 3) {
          given = url;
          return (_request, response) => void response.on('close', resolve);
        }
        // The next try is answered when the first is over, or never.
        return url === given ? relayed(() => brokenOff) : undefined;
      };
    });
    // Not by the host's own deadline, which is later.
    const Patient = await connectorAt(gate.url, { http: { exchange: 86_400_000 } });
    const results = await engine(connectorOf(Patient, tenant).connector, storage);
    assert.ok(results.every(({ transientError }) => transientError === undefined));
    assert.ok(gate.requests.filter(({ url }) => url === given).length > 1, 'it was not requested again');
  });

  test('already aborted does nothing', async () => {
    const { connector } = connectorOf(Connector, tenant);
    const cursor = { phase: 'users', page: '3' };
    const result = await connector.sync({ ...SCHEDULED, cursor }, storage.handle(), AbortSignal.abort());
    assert.deepEqual(result, { done: false, cursor });
    assert.equal(gate.requests.length, 0);
  });

  test('leaves the event loop free, also where an answer never arrives', async () => {
    gate.wrong = (number) => (number === 3 ? FAULTS['nothing is answered'] : undefined);
    const { connector } = connectorOf(Connector, tenant);
    const loop = performance.eventLoopUtilization();
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    await engine(connector, storage);
    clearInterval(timer);
    const { idle, utilization } = performance.eventLoopUtilization(loop);
    assert.ok(ticks > 20, `${ticks} ticks`);
    // The deadline of the request that hangs alone is a second.
    assert.ok(idle > 200, `idle for ${idle} ms, utilization ${utilization}`);
  });

  test('the calls of one sync use one instance and one token', async () => {
    // In real time, which is little beside what requests seem to take.
    const clock = new SlowSourceClock(() => gate.requests.length * 3000);
    const Slow = await connectorAt(gate.url, { clock });
    const { connector } = connectorOf(Slow, tenant);
    let cursor;
    let calls = 0;
    for (let done = false; !done; calls += 1) {
      assert.ok(calls < 1000, 'the engine gives up after 1000 calls');
      const begun = clock.now();
      const result = await connector.sync({ ...SCHEDULED, cursor }, storage.handle());
      // The engine ends a sync after 300 s; a call takes a tenth of it, and the
      // step under way.
      assert.ok(clock.now() - begun < 300_000);
      if (!result.done) {
        assert.ok(clock.now() - begun >= 30_000, 'it returned early');
        assert.ok(result.cursor.phase, 'a call that is not the last has a cursor');
      }
      ({ done, cursor } = result);
    }
    assert.ok(calls > 1, 'it was done within one call, which proves nothing');
    assert.equal(gate.requests.filter(({ path }) => path === '/oauth/token').length, 1);
    assertSame(contentOf(storage), await contentByWasmtime(tenant));
  });

  test('that another connector object carries on from the checkpoint requests no page again', async () => {
    const users = () => gate.requests.filter(({ path }) => path === '/api/v2/users').length;
    await engine(connectorOf(Connector, tenant).connector, storage);
    const walked = users();
    gate.requests.length = 0;
    await engine(connectorOf(Connector, tenant).connector, storage, { mode: 'full' });
    assert.ok(users() < walked, `${users()} requests for users after ${walked}`);
    assert.ok(gate.requests.length <= 5, JSON.stringify(gate.requests.map(({ url }) => url)));
  });

  test('with credentials that are refused throws, names no secret, and writes nothing', async () => {
    const { connector, lines } = connectorOf(Connector, tenant, { clientId: 'nobody' });
    await assert.rejects(engine(connector, storage), (error) => {
      assert.equal(error.kind, 'authentication');
      assert.ok(!error.message.includes(tenant.secret));
      return true;
    });
    assert.equal(storage.rows('entities', 'auth0_user').length, 0);
    assert.ok(!JSON.stringify(lines).includes(tenant.secret));
  });

  test('with a source that repeats the access token logs it nowhere', async () => {
    let token;
    gate.wrong = (_number, { url, headers: { authorization } }) => {
      if (!url.startsWith('/api/v2/users')) return undefined;
      token = authorization.split(' ')[1];
      return (_request, response) =>
        void response.writeHead(403).end(JSON.stringify({ message: `${authorization} may not` }));
    };
    const { connector, lines } = connectorOf(Connector, tenant);
    await assert.rejects(engine(connector, storage), (error) => {
      assert.match(error.message, /Auth0 says: Bearer \[credential\]/);
      assert.ok(!error.message.includes(token.slice(0, 30)), error.message);
      return true;
    });
    assert.ok(token.length > 20 && !JSON.stringify(lines).includes(token.slice(0, 30)), token);
  });

  test('without a scope stores the rest and then throws, naming the scope', async () => {
    const poor = await Tenant.start({ scopes: 'read:users,read:stats' });
    try {
      const There = await connectorAt(poor.url);
      const { connector, lines } = connectorOf(There, poor);
      await assert.rejects(engine(connector, storage), (error) => {
        assert.equal(error.kind, 'permission');
        assert.equal(error.resource, 'auth0_login_event');
        assert.match(error.message, /read:logs/);
        return true;
      });
      assert.ok(storage.rows('entities', 'auth0_user').length > 100);
      assert.ok(storage.rows('metrics', 'auth0_daily_active_users').length > 20);
      const failed = lines.filter(({ event }) => event === 'fetch page failed');
      assert.deepEqual(failed.map(({ fields }) => fields.resource), ['login_events']);
      const done = lines.filter(({ event }) => event === 'resource done');
      assert.deepEqual(done.map(({ fields }) => fields.resource).sort(), ['daily_active_users', 'users']);
    } finally {
      await poor.stop();
    }
  });

  test('during an outage of one endpoint stores the rest, names it, and carries on with it once it is back', async () => {
    const wanted = await contentByWasmtime(tenant);
    const isOut = ({ url }) => url.startsWith('/api/v2/users?');
    let pages = 0;
    // It fails once some of it is staged.
    gate.wrong = (_number, request) => (isOut(request) && (pages += 1) > 2 ? FAULTS[500] : undefined);
    const { connector, lines } = connectorOf(Connector, tenant);
    await assert.rejects(engine(connector, storage), (error) => {
      assert.deepEqual([error.kind, error.resource, error.passes], ['wait', 'auth0_user', false]);
      assert.match(error.message, /^auth0_user could not be read to the end now: .*; sync again /);
      const [{ name, state, kind, status }] = error.resources;
      assert.deepEqual([name, state, kind, status], ['auth0_user', 'postponed', 'transient', 500]);
      return true;
    });
    const { entities, ...others } = contentOf(storage);
    assert.deepEqual(entities, [], 'readers see users before all are there');
    assertSame(others, { events: wanted.events, metrics: wanted.metrics });
    const done = (reported) => reported.filter(({ event }) => event === 'resource done').map(({ fields }) => fields.resource).sort();
    assert.deepEqual(done(lines), ['daily_active_users', 'login_events']);
    const before = gate.requests.filter(({ url }) => isOut({ url })).map(({ url }) => url);
    gate.requests.length = 0;
    gate.wrong = () => undefined;
    const back = connectorOf(Connector, tenant);
    await engine(back.connector, storage);
    assertSame(contentOf(storage), wanted);
    // The run that was carried on, then the one that was requested.
    assert.deepEqual(done(back.lines), ['daily_active_users', 'login_events', 'users', 'users']);
    const again = gate.requests.filter(({ url }) => isOut({ url })).map(({ url }) => url);
    const read = before.slice(0, 2);
    assert.deepEqual(again.filter((url) => read.includes(url)), [], 'a page that was staged was read again');
  });

  test('during an outage pauses, answers transientError, and at last throws', async () => {
    gate.wrong = () => FAULTS[500];
    const { connector } = connectorOf(Connector, tenant);
    const results = [];
    await assert.rejects(async () => {
      for (let cursor; results.length < 50; ) {
        const result = await connector.sync({ ...SCHEDULED, cursor }, storage.handle());
        results.push(result);
        cursor = result.cursor;
      }
    });
    const transient = results.filter(({ transientError }) => transientError !== undefined);
    assert.equal(transient.length, 4);
    assert.ok(transient.every(({ done, transientError }) => !done && transientError instanceof Error));
    assert.ok(gate.requests.length < 100, `${gate.requests.length} requests`);
  });

  test('whose storage fails for good stops, and says so', async () => {
    storage.before = () => {
      throw new Error('disk full');
    };
    const clock = new DrivenClock(RATE);
    const There = await connectorAt(gate.url, { clock });
    const { connector } = connectorOf(There, tenant);
    await assert.rejects(engine(connector, storage), (error) => {
      assert.equal(error.kind, 'storage');
      assert.match(error.message, /disk full/);
      return true;
    });
    assert.equal(storage.writes.length, 5);
    assert.deepEqual(clock.slept, [1000, 2000, 4000, 8000]);
  });

  test('that must wait for hours says when to sync again', async () => {
    const reset = Date.parse(NOON) / 1000 + 7200;
    const limit = { 'x-ratelimit-limit': 10, 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': reset };
    gate.wrong = (number) =>
      number === 1 ? undefined : (_request, response) => void response.writeHead(429, limit).end('{}');
    const { connector } = connectorOf(Connector, tenant);
    await assert.rejects(engine(connector, storage), (error) => {
      assert.ok(error.retryAfter > 300_000, `${error.kind}: ${error.message}`);
      return true;
    });
    assert.ok(gate.requests.length < 20);
  });

  test('waits on the signal too: a pause ends when it fires', async () => {
    const reset = Date.parse(NOON) / 1000 + 250;
    const limit = { 'x-ratelimit-limit': 10, 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': reset };
    const clock = new PauseReportingClock(1);
    const Slow = await connectorAt(gate.url, { clock });
    const abort = new AbortController();
    const waiting = new Promise((resolve) => (clock.onPause = resolve));
    gate.wrong = (number) =>
      number === 1 ? undefined : (_request, response) => void response.writeHead(429, limit).end('{}');
    const { connector } = connectorOf(Slow, tenant);
    const syncing = connector.sync(SCHEDULED, storage.handle(abort.signal), abort.signal);
    const left = await waiting;
    const begun = clock.now();
    abort.abort();
    assert.equal((await syncing).done, false);
    assert.ok(clock.now() - begun < left, 'the pause was waited to its end');
  });

  test('logs pages and resources as rawdash does, so that its queries find them', async () => {
    const { connector, lines } = connectorOf(Connector, tenant);
    await engine(connector, storage);
    const of = (name) => lines.filter(({ event }) => event === name);
    const pages = of('fetched page');
    for (const resource of ['users', 'login_events', 'daily_active_users']) {
      const those = pages.filter(({ fields }) => fields.resource === resource).map(({ fields }) => fields);
      assert.ok(those.every((fields, nth) => (fields.cursor === undefined) === (nth === 0)), resource);
      assert.ok(those.every((fields, nth) => (fields.next === undefined) === (nth === those.length - 1)), resource);
      assert.deepEqual(those.slice(1).map(({ cursor }) => cursor), those.slice(0, -1).map(({ next }) => next));
    }
    const [{ level, fields: second }] = pages.filter(({ fields }) => fields.cursor !== undefined && fields.next !== undefined);
    assert.equal(level, 'info');
    assert.deepEqual(Object.keys(second), ['resource', 'spec', 'page', 'items', 'cursor', 'next']);
    const items = pages.reduce((sum, { fields }) => sum + fields.items, 0);
    assert.ok(items >= contentOf(storage).events.length + contentOf(storage).entities.length);
    const done = of('resource done');
    assert.deepEqual(Object.keys(done[0].fields), ['resource', 'spec', 'pages', 'items', 'duration_ms']);
    assert.equal(done.length, 3);
    assert.ok(!JSON.stringify(lines).includes(tenant.secret));
  });

  test('says once what is odd in the rows of a resource, however many pages have such rows', async () => {
    const odd = await Tenant.start({ users: 300, logs: 1500 });
    try {
      const There = await connectorAt(odd.url);
      const { connector, lines } = connectorOf(There, odd);
      await engine(connector, storage);
      const warnings = lines.filter(({ fields }) => fields.code === 'odd-rows');
      assert.ok(warnings.every(({ level }) => level === 'warn'));
      assert.deepEqual(warnings.map(({ fields }) => fields.resource).sort(), [...new Set(warnings.map(({ fields }) => fields.resource))].sort());
      assert.ok(warnings.length > 1);
      assert.ok(warnings.some(({ event, fields }) => fields.count > 3 && /\((?:[2-9]|\d\d)\)/.test(event)), JSON.stringify(warnings));
    } finally {
      await odd.stop();
    }
  });

  test('requests the resources that widgets use, and reports those that it does not have', async () => {
    const { connector, lines } = connectorOf(Connector, tenant);
    const resources = new Set(['auth0_user', 'auth0_nothing']);
    await engine(connector, storage, { resources });
    assert.equal(storage.tables.events.length, 0);
    assert.ok(!gate.requests.some(({ path }) => path === '/api/v2/logs'));
    assert.ok(lines.some(({ level, fields }) => level === 'warn' && fields.resources === 'auth0_nothing'));
  });

  test('reads of each resource what its own widgets show, and an earlier window later on', async () => {
    const [day, now] = [86_400_000, Date.parse(NOON)];
    const windows = (events, days) => ({
      since: new Date(now - (days + 1) * day).toISOString(),
      fetchSpecs: {
        auth0_login_event: [{ requiredWindowMs: events * day }],
        auth0_daily_active_users: [{ requiredWindowMs: days * day }],
      },
    });
    const oldest = (rows, column) => Math.min(...rows.map((row) => row[column]));
    const read = () => [
      oldest(storage.tables.events, 'start_ts'),
      oldest(storage.tables.metrics, 'ts'),
    ];
    await engine(connectorOf(Connector, tenant).connector, storage, windows(2, 50));
    const [event, sample] = read();
    const { length } = storage.tables.events;
    assert.ok(event >= now - 3 * day && event < now - 2 * day, new Date(event).toISOString());
    // The day in which the window begins.
    assert.equal(sample, Math.floor((now - 51 * day) / day) * day);
    await engine(connectorOf(Connector, tenant).connector, storage, windows(7, 20));
    const [earlier, same] = read();
    assert.ok(earlier >= now - 8 * day && earlier < now - 7 * day, new Date(earlier).toISOString());
    assert.equal(same, sample, 'what is stored outside of a window went');
    assert.ok(storage.tables.events.length > length);
    const ids = storage.tables.events.map(({ attributes }) => attributes.logId);
    assert.equal(new Set(ids).size, ids.length);
    await engine(connectorOf(Connector, tenant).connector, storage, windows(7, 90));
    const [unchanged, longer] = read();
    assert.deepEqual([unchanged, longer], [earlier, Math.floor((now - 91 * day) / day) * day]);
  });

  test('of a configuration that is wrong throws every mistake with its place', async () => {
    const more = { statsLookbackDays: 0, resources: ['everything'] };
    const { connector } = connectorOf(Connector, tenant, more);
    await assert.rejects(engine(connector, storage), (error) => {
      assert.equal(error.kind, 'configuration');
      assert.match(error.message, /\/statsLookbackDays/);
      assert.match(error.message, /\/resources/);
      return true;
    });
  });

  test('without its secret throws, naming it', async () => {
    const { clientSecret, ...settings } = tenant.configuration;
    const connector = new Connector(settings, { clientSecret }, { secretsResolver: { resolve() {} } });
    await assert.rejects(engine(connector, storage), /the secret SECRET is missing/);
  });

  test('leaves no thread behind that would keep the process alive', async () => {
    const ended = [];
    const caught = (worker) => ended.push(once(worker, 'exit'));
    process.on('worker', caught);
    try {
      await engine(connectorOf(Connector, tenant).connector, storage);
    } finally {
      process.off('worker', caught);
    }
    assert.equal(ended.length, 1);
    await Promise.all(ended);
  });
});
