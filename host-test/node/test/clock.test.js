// The time that a sync lives in.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

import { Clock } from '../lib/clock.js';

test('a time that is over, or out of reach of a timer, warns of nothing and ends nothing early', async () => {
  const warnings = [];
  const note = (warning) => warnings.push(warning.name);
  process.on('warning', note);
  try {
    const clock = new Clock();
    await clock.sleep(-Infinity);
    let called = false;
    const forget = clock.after(1e15, () => (called = true));
    const abort = new AbortController();
    const slept = clock.sleep(Infinity, abort.signal);
    await clock.sleep(20);
    assert.equal(called, false);
    forget();
    abort.abort();
    await slept;
    await turn();
    assert.deepEqual(warnings, []);
  } finally {
    process.off('warning', note);
  }
});
