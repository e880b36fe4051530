// A configuration as the component takes it, of one as rawdash's engine takes it:
// that checks nothing, and resolves a secret wherever one stands. Pure.

import { isSecret } from './manifest.js';

const isReference = (value) => typeof value?.$secret === 'string';

/**
 * @param {Record<string, unknown>} given
 * @param {any} schema the manifest's
 * @param {{name: string, value: string}[]} secrets those that it names
 * @returns {{configuration: Record<string, unknown>, secrets: {name: string, value: string}[],
 *   warnings: string[]}} `secrets` are those that are still references
 */
export function acceptedConfiguration(given, schema, secrets) {
  const properties = schema.properties ?? {};
  const isKnown = (key) => schema.additionalProperties !== false || Object.hasOwn(properties, key);
  const isEmptyList = ([key, value]) =>
    key === 'resources' && Array.isArray(value) && value.length === 0;
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  const kept = entries.filter((entry) => isKnown(entry[0]) && !isEmptyList(entry));
  const plain = ([key, value]) => {
    const property = properties[key];
    if (!isReference(value) || property === undefined || isSecret(property)) return [key, value];
    return [key, secrets.find(({ name }) => name === value.$secret).value];
  };
  const configuration = Object.fromEntries(kept.map(plain));
  const references = JSON.stringify(configuration);
  return {
    configuration,
    secrets: secrets.filter(({ name }) => references.includes(`{"$secret":${JSON.stringify(name)}}`)),
    warnings: [...unknownKeys(entries, isKnown), ...entries.filter(isEmptyList).map(emptyList)],
  };
}

function unknownKeys(entries, isKnown) {
  const unknown = entries.map(([key]) => key).filter((key) => !isKnown(key));
  if (unknown.length === 0) return [];
  return [`the configuration has keys that this connector does not know, and ignores: ${unknown.join(', ')}`];
}

const emptyList = ([key]) =>
  `${key} is empty in the configuration, which means every resource: leave it out to say so`;
