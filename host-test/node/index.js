// The connector whose component lies beside this file, with the exports that
// rawdash's npm connectors have. `./host.js` alone loads none.

import { existsSync } from 'node:fs';

import { SyncError, createConnector } from './host.js';

const component = new URL('./connector.wasm', import.meta.url);
if (!existsSync(component)) {
  throw new SyncError(
    'component',
    'no component lies beside this module: put one there as connector.wasm, or import ' +
      'createConnector from @rawdash/connector-auth0-component/host and name it',
  );
}

const Connector = await createConnector(component);

export const { id, doc, configFields, resources } = Connector;
export { createConnector };
export default Connector;
