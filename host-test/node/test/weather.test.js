// Another connector of the contract, with shapes that Auth0's has not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createConnector } from '../host.js';
import { weather } from './support/built.js';
import { Gate } from './support/gate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { engine } from './support/tenant.js';

const station = (id, region, at, temperatures) => ({ id, name: id, region, at, temperatures });

const quartiles = (...values) => values.map((value, at) => ({ q: (at + 1) / 4, value }));

test('a connector of stations, regions and temperatures is served as well', async () => {
  const gate = await Gate.open();
  try {
    const answers = [
      [station('harbour', 'north', 1000, [4.5, 6]), station('hill', 'south', 2000, [1])],
      [station('harbour', 'west', 2000, [5])],
    ];
    gate.wrong = (number) => (_request, response) =>
      void response.writeHead(200).end(JSON.stringify(answers[number - 1]));
    const Weather = await createConnector(weather, { routes: { 'https://{/host}': gate.url } });
    const quiet = { info() {}, warn() {} };
    const key = { $secret: 'WEATHER_KEY' };
    const secretsResolver = { resolve: async () => 'sunshine' };
    const context = { logger: quiet, secretsResolver };
    const connector = new Weather({ host: 'weather.example' }, { key }, context);
    const storage = new MemoryStorage();
    await engine(connector, storage);
    assert.equal(gate.requests[0].host, 'weather.example');
    assert.equal(storage.rows('entities', 'weather_station').length, 2);
    assert.equal(storage.rows('edges', 'weather_station_region').length, 2);
    assert.equal(storage.rows('distributions', 'weather_temperature').length, 2);
    await engine(connector, storage);
    assert.deepEqual(storage.rows('entities', 'weather_station').map(({ id }) => id), ['harbour']);
    const [edge, ...others] = storage.rows('edges', 'weather_station_region');
    assert.deepEqual([edge.from_id, edge.to_id, others.length], ['harbour', 'west', 0]);
    assert.deepEqual(
      storage.rows('distributions', 'weather_temperature').map(({ ts, kind, data }) => [ts, kind, data]),
      [
        [1000, 'summary', { quantiles: quartiles(4.5, 6, 6), count: 2, sum: 10.5 }],
        [2000, 'summary', { quantiles: quartiles(5, 5, 5), count: 1, sum: 5 }],
      ],
    );
    assert.ok(Weather.configFields.safeParse({ host: 'weather.example', key }).success);
    assert.deepEqual(Object.keys(Weather.credentials), ['key']);
  } finally {
    await gate.close();
  }
});
