// The secrets that a configuration names as `{"$secret": "NAME"}`.

import { SyncError } from './sync_error.js';

function names(value) {
  if (value === null || typeof value !== 'object') return [];
  if (typeof value.$secret === 'string') return [value.$secret];
  return Object.values(value).flatMap(names);
}

const environment = { resolve: (name) => globalThis.process?.env?.[name] };

/**
 * @param {unknown} configuration
 * @param {{resolve(name: string): any}} [resolver] the engine's; else the environment
 * @returns {Promise<{name: string, value: string}[]>}
 */
export async function resolveSecrets(configuration, resolver = environment) {
  const wanted = [...new Set(names(configuration))];
  return Promise.all(
    wanted.map(async (name) => {
      const value = await resolver.resolve(name);
      if (typeof value === 'string') return { name, value };
      throw new SyncError(
        'configuration',
        `the secret ${name} is missing: set the environment variable ${name}, or give it to ` +
          "rawdash's secrets",
      );
    }),
  );
}
