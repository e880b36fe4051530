// Whatever goes wrong, and wherever: the storage ends with the rows of the
// database that the wasmtime host makes of the same tenant.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Database, assertSame, contentByWasmtime, contentOf } from './support/content.js';
import { FAULTS, Gate, relayed } from './support/gate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { Tenant, connectorAt, connectorOf, engine } from './support/tenant.js';

/** Syncs until one is done, as an operator would, each with a new connector. */
async function syncs(Connector, tenant, storage, { most = 10 } = {}) {
  for (let nth = 1; nth <= most; nth += 1) {
    try {
      await engine(connectorOf(Connector, tenant).connector, storage);
      return nth;
    } catch (error) {
      if (nth === most) throw error;
    }
  }
  throw new Error('unreachable');
}

for (const seed of [1, 2, 3]) {
  test(`tenant ${seed}: every row is stored once, and a second sync doubles none`, async () => {
    const tenant = await Tenant.start({ seed, users: 260, logs: 700 });
    try {
      const wanted = await contentByWasmtime(tenant);
      assert.ok(wanted.entities.length > 200 && wanted.events.length > 200 && wanted.metrics.length > 20);
      const Connector = await connectorAt(tenant.url);
      const storage = new MemoryStorage();
      await engine(connectorOf(Connector, tenant).connector, storage);
      assertSame(contentOf(storage), wanted);
      await engine(connectorOf(Connector, tenant).connector, storage, { mode: 'latest' });
      assertSame(contentOf(storage), wanted);
    } finally {
      await tenant.stop();
    }
  });
}

test('a full run a day later adds what is new and removes who is gone', async () => {
  const database = await Database.create();
  const storage = new MemoryStorage();
  const tenants = [{ users: 140, logs: 300 }, { users: 90, logs: 500, now: '2026-03-03T12:00:00Z' }];
  try {
    for (const options of tenants) {
      const tenant = await Tenant.start(options);
      try {
        await database.sync(tenant);
        const Connector = await connectorAt(tenant.url);
        await engine(connectorOf(Connector, tenant).connector, storage);
        assertSame(contentOf(storage), await database.content());
      } finally {
        await tenant.stop();
      }
    }
  } finally {
    await database.remove();
  }
});

describe('one thing goes wrong', () => {
  let tenant;
  let gate;
  let Connector;
  let wanted;

  before(async () => {
    tenant = await Tenant.start();
    gate = await Gate.open(tenant.url);
    Connector = await connectorAt(gate.url);
    wanted = await contentByWasmtime(tenant);
  });

  after(async () => {
    await gate.close();
    await tenant.stop();
  });

  /**
   * Lets it go wrong at the first, the second, … until a run is over before.
   * The order of requests is not the same in each run, nor is their number.
   * @param {(storage: MemoryStorage, nth: number) => Promise<boolean>} attempt
   *   whether it went wrong
   */
  async function eachInTurn(attempt) {
    for (let nth = 1; nth < 1000; nth += 1) {
      const storage = new MemoryStorage();
      gate.requests.length = 0;
      gate.wrong = () => undefined;
      const wrong = await attempt(storage, nth);
      assertSame(contentOf(storage), wanted, `after ${nth}`);
      if (wrong) continue;
      assert.ok(nth > 8, `it went wrong only ${nth - 1} times`);
      return;
    }
    assert.fail('it went wrong a thousand times');
  }

  for (const [name, fault] of Object.entries(FAULTS)) {
    test(`${name}, at each request in turn: no row is lost or doubled`, () =>
      eachInTurn(async (storage, nth) => {
        gate.wrong = (number) => (number === nth ? fault : undefined);
        await syncs(Connector, tenant, storage);
        return gate.requests.length >= nth;
      }));
  }

  for (const when of ['before', 'after']) {
    test(`the storage fails ${when} each write in turn: no row is lost or doubled`, () =>
      eachInTurn(async (storage, nth) => {
        storage[when] = (number) => {
          if (number === nth) throw new Error('database is locked');
        };
        assert.equal(await syncs(Connector, tenant, storage), 1);
        return storage.writes.length >= nth;
      }));
  }

  test('the thread is killed at each request in turn: no row is lost or doubled', async () => {
    const threads = [];
    const caught = (worker) => threads.push(worker);
    process.on('worker', caught);
    try {
      await eachInTurn(async (storage, nth) => {
        // The answer arrives when nobody is there any more to read it.
        gate.wrong = (number) =>
          number === nth ? relayed(() => threads.at(-1).terminate()) : undefined;
        const taken = await syncs(Connector, tenant, storage);
        const wrong = gate.requests.length >= nth;
        assert.equal(taken, wrong ? 2 : 1);
        return wrong;
      });
    } finally {
      process.off('worker', caught);
    }
  });

  test('everything ends at each write in turn, and another process carries on', () =>
    eachInTurn(async (storage, nth) => {
      const end = new AbortController();
      storage.after = (number) => {
        if (number === nth) end.abort();
      };
      const { connector } = connectorOf(Connector, tenant);
      await engine(connector, storage, { signal: end.signal });
      assert.ok(storage.writes.length <= nth, 'it wrote after the signal');
      const wrong = end.signal.aborted;
      await engine(connectorOf(Connector, tenant).connector, storage);
      return wrong;
    }));
});
