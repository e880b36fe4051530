// What a component may use, and how much of it. The same numbers as in the
// wasmtime host.

/** Bytes of each linear memory. */
export const MEMORY = 64 << 20;
/** Milliseconds of one call, waiting included. */
export const CALL_MS = 300_000;
/** Milliseconds that one call may compute. */
export const COMPUTING_MS = 30_000;
/** Steps in a row that neither return a record nor send a request. */
export const IDLE_STEPS = 1000;
/** Bytes of a checkpoint. */
export const CHECKPOINT = 1 << 20;
/** Records that one instance may return. */
export const RECORDS = 100_000_000;

export const HTTP = Object.freeze({
  /** Bytes of one response's body, inflated. */
  responseBody: 16 << 20,
  /** Bytes of one response's headers. */
  responseHeaders: 64 << 10,
  /** Bytes of one request's body. */
  requestBody: 1 << 20,
  /** Requests under way at once: sent, and not yet read to the end. */
  concurrent: 64,
  /** Milliseconds from the request to the last byte of its answer. */
  exchange: 120_000,
});

/** The interfaces that a connector may import. */
export const GRANTED = Object.freeze([
  'wasi:clocks/monotonic-clock',
  'wasi:clocks/wall-clock',
  'wasi:http/outgoing-handler',
  'wasi:http/types',
  'wasi:io/error',
  'wasi:io/poll',
  'wasi:io/streams',
]);

/** Milliseconds after which one call of the engine returns with a cursor. */
export const CHUNK_MS = 30_000;
/**
 * Milliseconds of all calls of a sync that the engine may end with its signal: that
 * fires after 300 s, and what is reported then is a failure.
 */
export const SYNC_MS = 270_000;
/** The engine ends a sync after this many milliseconds; a longer wait is an error. */
export const LONGEST_WAIT_MS = 300_000;
/** Failures in a row, with nothing stored between them, that end a sync. */
export const FAILURES_IN_A_ROW = 5;
