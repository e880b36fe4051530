// Another connector of the contract, with shapes that Auth0's has not.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';

import { createConnector } from '../host.js';
import { Clock } from '../lib/clock.js';
import { weather } from './support/built.js';
import { Gate } from './support/gate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { RATE, engine } from './support/tenant.js';

const KEY = { $secret: 'WEATHER_KEY' };
const SECRET = 'sunshine';
const station = (id, region, at, temperatures) => ({ id, name: id, region, at, temperatures });
const quartiles = (...values) => values.map((value, at) => ({ q: (at + 1) / 4, value }));

describe('stations, regions and temperatures', () => {
  let gate;
  let Weather;
  let storage;
  /** What the service has. */
  let stations;

  beforeEach(async () => {
    gate = await Gate.open();
    stations = [station('harbour', 'north', 1000, [4.5, 6]), station('hill', 'south', 2000, [1])];
    gate.wrong = (_number, { headers }) => (_request, response) => {
      const known = headers.authorization === `Bearer ${SECRET}`;
      response.writeHead(known ? 200 : 401).end(JSON.stringify(stations));
    };
    const routes = { 'https://{/host}': gate.url };
    Weather = await createConnector(weather, { routes, clock: new Clock(RATE) });
    storage = new MemoryStorage();
  });

  afterEach(() => gate.close());

  const sync = (secret = SECRET) => {
    const context = { logger: { info() {}, warn() {} }, secretsResolver: { resolve: async () => secret } };
    return engine(new Weather({ host: 'weather.example' }, { key: KEY }, context), storage);
  };
  const ids = () => storage.rows('entities', 'weather_station').map(({ id }) => id).sort();
  const regions = () =>
    storage.rows('edges', 'weather_station_region').map((edge) => `${edge.from_id} ${edge.to_id}`).sort();
  const warmth = () =>
    storage.rows('distributions', 'weather_temperature').map(({ ts, kind, data }) => [ts, kind, data]).sort();

  test('are stored in their shapes, and what the service no longer has goes', async () => {
    await sync();
    assert.deepEqual(gate.requests.map(({ host }) => host), Array(3).fill('weather.example'));
    assert.deepEqual([ids(), regions()], [['harbour', 'hill'], ['harbour north', 'hill south']]);
    assert.equal(warmth().length, 2);
    stations = [station('harbour', 'west', 2000, [5])];
    await sync();
    assert.deepEqual([ids(), regions()], [['harbour'], ['harbour west']]);
    assert.deepEqual(warmth(), [
      [1000, 'summary', { quantiles: quartiles(4.5, 6, 6), count: 2, sum: 10.5 }],
      [2000, 'summary', { quantiles: quartiles(5, 5, 5), count: 1, sum: 5 }],
    ]);
  });

  test('survive a service that shows none, as an outage does, and cost no other resource', async () => {
    await sync();
    const shown = stations;
    stations = [];
    const error = await sync().catch((thrown) => thrown);
    assert.match(error.message, /returned no weather_station, and 2 are stored/);
    const kept = error.resources.map(({ name, state, kind }) => [name, state, kind]);
    assert.deepEqual(kept, [
      ['weather_station', 'postponed', 'upstream'],
      ['weather_station_region', 'postponed', 'upstream'],
    ]);
    assert.deepEqual([ids(), regions(), warmth().length], [['harbour', 'hill'], ['harbour north', 'hill south'], 2]);
    stations = [...shown, station('mill', 'south', 3000, [2])];
    await sync();
    assert.deepEqual([ids(), regions().length, warmth().length], [['harbour', 'hill', 'mill'], 3, 3]);
  });

  test('survive a key that is refused', async () => {
    await sync();
    await assert.rejects(sync('moonshine'), { kind: 'authentication' });
    assert.deepEqual(ids(), ['harbour', 'hill']);
  });

  test('are described with what rawdash requires of their shapes', () => {
    assert.ok(Weather.configFields.safeParse({ host: 'weather.example', key: KEY }).success);
    assert.deepEqual(Object.keys(Weather.credentials), ['key']);
    const shapes = Object.entries(Weather.resources).map(([name, { shape }]) => [name, shape]);
    assert.deepEqual(shapes, [
      ['weather_station', 'entity'],
      ['weather_station_region', 'edge'],
      ['weather_temperature', 'distribution'],
    ]);
  });
});
