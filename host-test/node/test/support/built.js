// What cargo builds and these tests need.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = new URL('../../../../target/', import.meta.url);
const wasm = 'component/wasm32-unknown-unknown/release/';

function find(variable, path) {
  const file = process.env[variable] ?? fileURLToPath(new URL(path, target));
  if (existsSync(file)) return file;
  throw new Error(
    `${file} is not built: run \`cargo build -p rawdash-host --all-targets\` in the repository, ` +
      `or name the file in ${variable}`,
  );
}

/** The binary `rawdash-host`. */
export const host = find('RAWDASH_HOST', 'debug/rawdash-host');
/** The Auth0 connector. */
export const auth0 = find('RAWDASH_CONNECTOR_AUTH0', `${wasm}rawdash_connector_auth0.wasm`);
/** The example connector, and the one that misbehaves. */
export const weather = find('RAWDASH_CONNECTOR_WEATHER', `${wasm}weather_connector.wasm`);
export const hostile = find('RAWDASH_CONNECTOR_HOSTILE', `${wasm}hostile_component.wasm`);
