// Why a sync did not complete, as data and as one sentence.

/**
 * What waiting does not repair: a person must. A kind that is not known counts
 * as `upstream`, which passes.
 */
const LASTING = [
  'not-configured',
  'request',
  'authentication',
  'permission',
  'denied',
  'misdirected',
  'untrusted',
  'configuration',
  'checkpoint',
  'component',
  'wait',
];

export class SyncError extends Error {
  /**
   * @param {string} kind a kind of the contract, or one of the host's:
   *   `configuration`, `checkpoint`, `component`, `storage`, `wait`
   * @param {string} message
   * @param {{resource?: string, status?: number, retryAfter?: number, cause?: unknown}} [more]
   *   `retryAfter` in milliseconds
   */
  constructor(kind, message, { resource, status, retryAfter, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SyncError';
    this.kind = kind;
    this.resource = resource;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether another attempt in this sync may repair it. */
  get passes() {
    return !LASTING.includes(this.kind);
  }
}

/**
 * Rows would be replaced by none, and the source does not say that this is true.
 * It costs the resource this sync; the others go on.
 */
export class EmptyReplacement extends SyncError {
  /** @param {string} resource @param {number} stored how many rows are stored */
  constructor(resource, stored) {
    super(
      'upstream',
      `the source returned no ${resource}, and ${stored} are stored; nothing was replaced, ` +
        'because an outage of its search looks the same: sync again later, and if the source ' +
        "really has none, report it to the connector's author",
      { resource },
    );
  }
}

/** How a component broke the contract. */
export const breach = (what) =>
  new SyncError('component', `the component broke the contract: ${what}`);

/** A limit that the component reached. */
export const atTheLimit = (limit) =>
  new SyncError(
    'component',
    `the component reached a limit of the sandbox, ${limit}: this is a bug in the component, ` +
      'report it to its author',
  );

/** The signal fired: nothing more is requested or written. */
export class Aborted extends Error {
  constructor() {
    super('the sync was aborted');
    this.name = 'AbortError';
  }
}
