// A sync in which every resource has ended, and not every one is complete.

import { SyncError } from './sync_error.js';

/** When to sync again: not before that second is over. */
export const timeAfter = (ms) => new Date(Math.ceil((Date.now() + ms) / 1000) * 1000).toISOString();

/**
 * @typedef {{name: string, state: 'failed' | 'postponed', error: SyncError}} Rest
 */

const clause = ({ name, state, error }) => {
  const what = state === 'failed' ? 'could not be read' : 'could not be read to the end now';
  return `${name} ${what}: ${error.message.replace(/\.$/, '')}`;
};

export class UnfinishedError extends SyncError {
  /** @param {Rest[]} rest the resources that are not complete */
  constructor(rest) {
    const failed = rest.filter(({ state }) => state === 'failed').map(({ error }) => error);
    // What waiting does not repair is not hidden by what it does.
    const gravest = failed.find(({ passes }) => !passes) ?? failed[0];
    const waits = rest.flatMap(({ state, error }) =>
      state === 'postponed' && error.retryAfter !== undefined ? [error.retryAfter] : [],
    );
    const retryAfter = waits.length > 0 ? Math.min(...waits) : undefined;
    const when = retryAfter === undefined ? 'later' : `at ${timeAfter(retryAfter)}`;
    const next = failed.length === rest.length ? [] : [`sync again ${when}`];
    super(gravest?.kind ?? 'wait', [...rest.map(clause), ...next].join('; '), {
      resource: rest.length === 1 ? rest[0].name : undefined,
      status: rest.length === 1 ? rest[0].error.status : undefined,
      retryAfter,
    });
    /** What is not complete; all else is. */
    this.resources = rest.map(({ name, state, error }) => {
      const { kind, message, status, retryAfter: after } = error;
      return { name, state, kind, message, status, retryAfter: after };
    });
  }

  /** The sync is over: another attempt is another sync. */
  get passes() {
    return false;
  }
}

/**
 * What is said of a sync whose time is over.
 * @param {{name: string, state?: 'failed' | 'postponed', error?: SyncError}[]} rest a
 *   state only where the run has ended
 */
export function goesOnLater(rest) {
  const over = new SyncError('wait', 'the time of one sync is over; the next one carries on');
  return new UnfinishedError(
    rest.map(({ name, state, error }) => ({ name, state: state ?? 'postponed', error: error ?? over })),
  );
}
