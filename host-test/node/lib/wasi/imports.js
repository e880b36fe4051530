// All that a component may import, for one instance of it.

import { monotonicClock, wallClock } from './clocks.js';
import { outgoingHandler, types } from './http.js';
import { InputStream, IoError, OutputStream, Pollable, poll } from './io.js';

/**
 * The imports that wait for mail: where there is no thread, the component is
 * suspended in them. One that only polls without waiting receives no mail.
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
