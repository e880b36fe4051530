// Makes of a connector's component the class that rawdash's registry holds.

import { load } from './lib/load_component.js';
import { connectorClass } from './lib/connector_class.js';

export { SyncError } from './lib/sync_error.js';
export { UnfinishedError } from './lib/unfinished.js';

/**
 * Loads a component, once; the class can be used as often as there are
 * configurations. It needs the transpiler `@bytecodealliance/jco-transpile`, an
 * optional peer of this package.
 *
 * @param {string | URL | ArrayBuffer | Uint8Array} component path, URL or bytes of the .wasm
 * @param {import('./host.js').ConnectorOptions} [options]
 */
export async function createConnector(component, options) {
  return connectorClass(await load(component), options);
}
