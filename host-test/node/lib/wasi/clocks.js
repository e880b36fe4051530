// The two clocks of wasi:clocks.

import { timer } from './io.js';

/** @param {import('./io.js').Mail} mail */
export const monotonicClock = (mail) => ({
  now: () => mail.now(),
  resolution: () => 1000n,
  subscribeInstant: (instant) => timer(mail, instant),
  subscribeDuration: (span) => timer(mail, mail.now() + span),
});

const datetime = (ms) => ({
  seconds: BigInt(Math.floor(ms / 1000)),
  nanoseconds: (ms % 1000) * 1_000_000,
});

export const wallClock = {
  now: () => datetime(Date.now()),
  resolution: () => datetime(1),
};
