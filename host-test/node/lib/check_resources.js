// Whether the resources that a configuration allows are those of the manifest.

import { isEqual } from './equality.js';
import { breach } from './sync_error.js';

const returned = (what) => breach(`\`configure\` returned ${what}`);

/** Whether the resource is one that the dynamic entry stands for. */
const isInstance = (resource, entry) =>
  entry.dynamic && entry.shape === resource.shape && entry.setting === resource.setting;

/**
 * Throws at the first resource that is not within the manifest.
 * @param {any[]} resources as `configure` returned them
 * @param {{resources: any[]}} about the manifest
 */
export function checkResources(resources, about) {
  const names = new Set();
  for (const resource of resources) {
    const name = JSON.stringify(resource.name);
    if (resource.name === '' || names.has(resource.name)) {
      throw returned(`the resource name ${name}, which is empty or there twice`);
    }
    names.add(resource.name);
    const known = about.resources.find((entry) => entry.name === resource.name && !entry.dynamic);
    if (known && !isEqual(known, resource)) {
      throw returned(`the resource ${name} otherwise than in its manifest`);
    }
    if (!known && !about.resources.some((entry) => isInstance(resource, entry))) {
      throw returned(`the resource ${name}, which its manifest does not have`);
    }
  }
}
