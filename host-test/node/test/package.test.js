// The package as it is published, with a component beside it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { auth0 } from './support/built.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a module beside an installed copy of the package. */
async function installed(prepare, source) {
  const directory = await mkdtemp(join(tmpdir(), 'connector-'));
  try {
    const copy = join(directory, 'package');
    await cp(root, copy, { recursive: true, filter: (path) => !/node_modules|\.wasm$/.test(path.slice(root.length)) });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await prepare(copy);
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', source], { cwd: copy });
    return stdout.trim();
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('with connector.wasm beside it the package exports what the npm connector does', async () => {
  const source = `
    const module = await import('@rawdash/connector-auth0-component');
    const { default: Connector, id, doc, configFields, resources } = module;
    console.log(JSON.stringify([typeof Connector, id, doc.category, typeof configFields.safeParse, Object.keys(resources).length]));`;
  const told = await installed((copy) => copyFile(auth0, join(copy, 'connector.wasm')), source);
  assert.deepEqual(JSON.parse(told), ['function', 'auth0', 'security', 'function', 3]);
});

test('without it the package says what to do, and the host can be had alone', async () => {
  const source = `
    const { createConnector } = await import('@rawdash/connector-auth0-component/host');
    await import('@rawdash/connector-auth0-component').catch((error) => console.log(typeof createConnector, error.message));`;
  assert.match(await installed(async () => {}, source), /^function no component lies beside this module/);
});

test('what is packed runs without the tests, and holds the component', async () => {
  const prepare = (copy) => copyFile(auth0, join(copy, 'connector.wasm'));
  const source = `
    import { execFileSync } from 'node:child_process';
    const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--offline'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    console.log(JSON.stringify(files.map(({ path }) => path)));`;
  const packed = JSON.parse(await installed(prepare, source));
  for (const file of ['index.js', 'host.js', 'connector.wasm', 'README.md', 'lib/worker/run.js', 'lib/worker/prepare.js', 'host.d.ts']) {
    assert.ok(packed.includes(file), file);
  }
  assert.ok(!packed.some((file) => file.startsWith('test/') || file.includes('node_modules')));
});
