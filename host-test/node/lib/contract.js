// Which versions of the contract this host runs: `wit/world.wit` says what a
// version promises.

import { SyncError } from './sync_error.js';

/** The version that this host supports. */
export const CONTRACT = '0.2.0';

const EXPORT = 'rawdash:connector/connector@';

/** Major, minor and patch. */
const numbers = (version) => version.split(/[.+-]/).slice(0, 3).map(Number);

function isNewer(version) {
  const [found, spoken] = [numbers(version), numbers(CONTRACT)];
  const place = spoken.findIndex((number, at) => number !== found[at]);
  return place >= 0 && found[place] > spoken[place];
}

/**
 * Accepts a component of any patch of the minor version; refuses another with
 * both versions and what to do.
 * @param {string[]} exports the names of what the component exports
 */
export function acceptContract(exports) {
  const found = exports.find((name) => name.startsWith(EXPORT))?.slice(EXPORT.length);
  if (found === undefined) {
    throw new SyncError(
      'component',
      'the component does not export rawdash:connector/connector, so it is not a connector; this ' +
        `host supports version ${CONTRACT}`,
    );
  }
  const [major, minor] = numbers(found);
  const [ownMajor, ownMinor] = numbers(CONTRACT);
  const isReleased = !found.includes('-');
  if (isReleased && major === ownMajor && minor === ownMinor) return;
  const whatToDo = isNewer(found)
    ? 'use a newer host or an older component'
    : "use a newer component, or rebuild it against this host's wit/";
  throw new SyncError(
    'component',
    `the component was built for rawdash:connector@${found}, this host supports ${CONTRACT}: ${whatToDo}`,
  );
}
