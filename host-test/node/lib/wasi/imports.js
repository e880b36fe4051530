// All that a component may import, for one instance of it.

import { monotonicClock, wallClock } from './clocks.js';
import { outgoingHandler, types } from './http.js';
import { InputStream, IoError, OutputStream, Pollable, poll } from './io.js';

/**
 * What waits for mail: a runtime without threads suspends the component there.
 * A component that looks again and again without waiting gets no mail.
 */
export const WAITING = [
  'wasi:io/poll#poll',
  'wasi:io/poll#[method]pollable.block',
  'wasi:io/streams#[method]input-stream.blocking-read',
  'wasi:io/streams#[method]input-stream.blocking-skip',
  'wasi:io/streams#[method]output-stream.blocking-splice',
];

/** @param {import('./io.js').Mail} mail */
export const imports = (mail) => ({
  'wasi:clocks/monotonic-clock': monotonicClock(mail),
  'wasi:clocks/wall-clock': wallClock,
  'wasi:http/outgoing-handler': outgoingHandler(mail),
  'wasi:http/types': types,
  'wasi:io/error': { Error: IoError },
  'wasi:io/poll': { Pollable, poll: (pollables) => poll(mail, pollables) },
  'wasi:io/streams': { InputStream, OutputStream },
});
