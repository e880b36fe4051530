// The two clocks of wasi:clocks.

import { now } from './mail.js';
import { timer } from './wasi_io.js';

export const monotonicClock = {
  now,
  resolution: () => 1000n,
  subscribeInstant: timer,
  subscribeDuration: (span) => timer(now() + span),
};

const datetime = (ms) => ({
  seconds: BigInt(Math.floor(ms / 1000)),
  nanoseconds: (ms % 1000) * 1_000_000,
});

export const wallClock = {
  now: () => datetime(Date.now()),
  resolution: () => datetime(1),
};
