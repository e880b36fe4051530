// The package as it is published and installed.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { build } from 'esbuild';

import { auth0 } from './support/built.js';
import { Installed, NAME } from './support/installed.js';

/** Bytes that the package may occupy. */
const LARGEST = 2_000_000;
/** Modules of the package, its manifest among them, that are loaded for a class. */
const MOST_MODULES = 49;

/** Reports each module that is loaded, in Node 20 as in later ones. */
const COUNTING = `
  import { register } from 'node:module';
  import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
  const hooks = \`
    let port;
    export const initialize = (given) => { port = given; };
    export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };\`;
  const { port1, port2 } = new MessageChannel();
  register('data:text/javascript,' + encodeURIComponent(hooks), { data: port2, transferList: [port2] });
  const loaded = () => {
    const urls = [];
    for (let mail = receiveMessageOnPort(port1); mail; mail = receiveMessageOnPort(port1)) urls.push(mail.message);
    return urls.filter((url) => !url.startsWith('node:'));
  };`;

const CONFIGURATION = { domain: 'acme.eu.auth0.com', clientId: 'id', clientSecret: { $secret: 'SECRET' } };

describe('the installed package', () => {
  let installed;
  before(async () => {
    installed = await Installed.create();
  });
  after(() => installed.remove());

  const printed = async (source, more) => JSON.parse((await installed.run(source, more)).stdout);

  test('exports what the npm connector does, and warns of nothing', async () => {
    const { stdout, stderr } = await installed.run(`
      const module = await import('${NAME}');
      const { default: Connector, Auth0Connector, id, doc, configFields, resources, schemas, cost } = module;
      const connector = Auth0Connector.create(${JSON.stringify(CONFIGURATION)});
      console.log(JSON.stringify([
        Connector === Auth0Connector, id, doc.category, typeof configFields.safeParse, Object.keys(resources),
        Object.keys(schemas), Object.keys(cost), Connector.schemas === schemas, connector.serializeConfig(),
      ]));`);
    const storage = ['auth0_user', 'auth0_login_event', 'auth0_daily_active_users'];
    assert.deepEqual(JSON.parse(stdout), [
      true, 'auth0', 'security', 'function', storage, ['users', 'logs', 'daily_stats'],
      ['recommendedInterval', 'minInterval', 'perSync'], true, CONFIGURATION,
    ]);
    assert.equal(stderr, '');
  });

  test('a configuration that is wrong is refused where a connector is created', async () => {
    const reported = await printed(`
      const { Auth0Connector } = await import('${NAME}');
      const wrong = ${JSON.stringify({ ...CONFIGURATION, domain: 'acme.example' })};
      try { Auth0Connector.create(wrong); } catch (error) { console.log(JSON.stringify(error.issues.map(({ path }) => path))); }`);
    assert.deepEqual(reported, [['domain']]);
  });

  test('contains its component, which runs in a thread without a transpiler', async () => {
    // The component itself refuses what the schema of the fields allows.
    const reported = await printed(`
      const { Auth0Connector } = await import('${NAME}');
      const connector = new Auth0Connector({ domain: 'acme.eu.auth0.com', clientId: '' }, { clientSecret: { $secret: 'SECRET' } });
      const storage = { getEntity: async () => null, queryEntities: async () => [], queryEvents: async () => [], traverse: async () => [] };
      const error = await connector.sync({ mode: 'full' }, storage).catch((error) => error);
      console.log(JSON.stringify([error.kind, error.message]));`, { env: { SECRET: 'hunter2hunter2' } });
    assert.equal(reported[0], 'configuration');
    assert.match(reported[1], /clientId/);
  });

  test('loads few modules for a class, none of the component, and no more for the metadata', async () => {
    const [forClass, forMetadata] = await printed(`${COUNTING}
      const { Auth0Connector, doc, configFields, resources } = await import('${NAME}');
      const forClass = loaded();
      new Auth0Connector({}, {});
      JSON.stringify([doc, configFields.shape, resources]);
      console.log(JSON.stringify([forClass, loaded()]));`);
    const own = forClass.filter((url) => !url.includes('/zod/'));
    assert.ok(own.length > 5 && own.every((url) => url.includes(NAME)), own.join('\n'));
    assert.ok(own.length <= MOST_MODULES, `${own.length} modules: ${own.join('\n')}`);
    const ofComponent = own.filter((url) => url.includes('/connector/'));
    assert.deepEqual(ofComponent.map((url) => url.split('/').at(-1)), ['manifest.js']);
    assert.deepEqual(forMetadata, []);
  });

  test('metadata alone are bundled without the class and the component', async () => {
    const entry = join(installed.directory, 'metadata.js');
    await writeFile(entry, `export { doc, id, resources, configFields, cost } from '${NAME}';`);
    for (const conditions of [['node'], ['workerd'], ['browser']]) {
      const { metafile } = await build({
        entryPoints: [entry], bundle: true, write: false, metafile: true, format: 'esm', conditions,
        platform: conditions[0] === 'node' ? 'node' : 'neutral', outdir: 'out', loader: { '.wasm': 'copy' },
      });
      const [{ inputs }] = Object.values(metafile.outputs);
      const taken = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
      const more = taken.filter((path) => /connector_class|session|thread|suspending|cores|modules\.js/.test(path));
      assert.deepEqual(more, [], conditions[0]);
    }
  });

  test('is small, depends on nothing but zod, and has its types and no test', async () => {
    const size = installed.files.reduce((sum, { size: bytes }) => sum + bytes, 0);
    assert.ok(size <= LARGEST, `${size} bytes are installed`);
    const { dependencies, peerDependencies, peerDependenciesMeta } = await installed.manifest();
    assert.equal(dependencies, undefined);
    const required = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    assert.deepEqual(required, ['zod']);
    const paths = installed.files.map(({ path }) => path);
    assert.ok(!paths.some((path) => /^(test|make)\/|node_modules/.test(path)), paths.join('\n'));
    for (const types of ['index.d.ts', 'host.d.ts']) assert.ok(paths.includes(types), types);
  });

  test('a component from a file needs the transpiler, which the message names', async () => {
    const reported = await printed(`
      const { createConnector } = await import('${NAME}/host');
      const error = await createConnector(${JSON.stringify(auth0)}).catch((error) => error);
      console.log(JSON.stringify([error.kind, error.message]));`);
    assert.equal(reported[0], 'component');
    assert.match(reported[1], /npm install @bytecodealliance\/jco-transpile@0\.15/);
  });
});
