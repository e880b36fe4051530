// What cargo builds and these tests need.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const target = new URL('../../../../target/', import.meta.url);

const HOST = 'cargo build';
const COMPONENTS =
  'cargo run -p component-build -- weather-connector hostile-component';

function find(variable, path, command) {
  const file = process.env[variable] ?? fileURLToPath(new URL(path, target));
  if (existsSync(file)) return file;
  throw new Error(
    `${file} is not built: run \`${command}\` in the repository, or name the file in ${variable}`,
  );
}

/** The binary `rawdash-host`, and the Auth0 connector that it embeds. */
export const host = find('RAWDASH_HOST', 'debug/rawdash-host', HOST);
export const auth0 = find(
  'RAWDASH_CONNECTOR_AUTH0',
  'component/wasm32-unknown-unknown/component/rawdash_connector_auth0.wasm',
  HOST,
);

const component = (name) => `component/wasm32-unknown-unknown/component/${name}.wasm`;
/** The example connector, and the one that misbehaves. */
export const weather = find('RAWDASH_CONNECTOR_WEATHER', component('weather_connector'), COMPONENTS);
export const hostile = find('RAWDASH_CONNECTOR_HOSTILE', component('hostile_component'), COMPONENTS);
