// An instance without a thread, of a component in JavaScript: any runtime runs it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { Clock } from '../lib/clock.js';
import { HTTP } from '../lib/limits.js';
import { SuspendingInstance } from '../lib/suspending/instance.js';

const HOUR_NS = 3_600_000_000_000n;

test('an instance that is closed while it waits runs no further and leaves no timer behind', async () => {
  const slept = [];
  const clock = new Clock();
  const waits = new Promise((resolve) => {
    clock.sleep = (_ms, signal) => {
      slept.push(signal);
      resolve();
      return new Promise((end) => signal.addEventListener('abort', end));
    };
  });
  let isOver = false;
  const instantiate = async (_module, imports) => ({
    manifest: {
      async describe() {
        await imports['wasi:clocks/monotonic-clock'].subscribeDuration(HOUR_NS).block();
        isOver = true;
      },
    },
  });
  const instance = new SuspendingInstance(async () => ({ instantiate, modules: {} }), clock, HTTP);
  const described = instance.call('describe');
  await waits;
  instance.close();
  await assert.rejects(described, /it was ended/);
  await turn();
  assert.deepEqual(slept.map(({ aborted }) => aborted), [true]);
  assert.equal(isOver, false);
});
