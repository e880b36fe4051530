// What goes between the component's thread and the engine's while the component
// runs and its event loop does not.

import { receiveMessageOnPort, workerData } from 'node:worker_threads';

import { RUNG, WAITING } from './bell.js';

const { port, bell, rate } = workerData;
const receivers = new Map();
let last = 0;

/** Nanoseconds of the monotonic clock. */
export function now() {
  return BigInt(Math.round(performance.now() * rate * 1e6));
}

/** A number for a new exchange, whose mail goes to `receive`. */
export function open(receive) {
  last += 1;
  receivers.set(last, receive);
  return last;
}

export function close(id) {
  return receivers.delete(id);
}

export function post(message) {
  port.postMessage(message);
}

/** Hands out what has arrived, without waiting. */
export function collect() {
  for (let mail = receiveMessageOnPort(port); mail; mail = receiveMessageOnPort(port)) {
    receivers.get(mail.message.id)?.(mail.message);
  }
}

/** Blocks the thread until `answer` returns a value; it is called after mail, and at an instant. */
export function wait(answer, until) {
  for (;;) {
    // Read before the mail: what arrives between the two ends the wait at once.
    const rung = Atomics.load(bell, RUNG);
    collect();
    const answered = answer();
    if (answered !== undefined) return answered;
    const left = until === undefined ? Infinity : Number(until - now()) / 1e6 / rate;
    if (left <= 0) continue;
    Atomics.store(bell, WAITING, 1);
    Atomics.wait(bell, RUNG, rung, left);
    Atomics.store(bell, WAITING, 0);
  }
}
