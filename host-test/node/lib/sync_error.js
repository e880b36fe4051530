// Why a sync did not complete, as data and as one sentence.

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

  /** Whether waiting may repair it; otherwise a person must. */
  get passes() {
    return ['rate-limited', 'transient', 'upstream', 'storage'].includes(this.kind);
  }
}

/** The signal fired: nothing more is asked or written. */
export class Aborted extends Error {
  constructor() {
    super('the sync was aborted');
    this.name = 'AbortError';
  }
}
