// The package's types beside rawdash's, and the README's dashboard.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { root } from './support/installed.js';

const folder = fileURLToPath(new URL('types', import.meta.url));
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** What the compiler says of TypeScript files, by name, in a project of rawdash. */
async function problems(files, options = {}) {
  // Within the package, so that its name is known.
  const directory = await mkdtemp(join(folder, 'project-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
    const compilerOptions = { noEmit: true, strict: true, module: 'nodenext', target: 'es2022', types: [], ...options };
    const config = { compilerOptions, files: ['../rawdash.d.ts', ...Object.keys(files)] };
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const { status, stdout } = spawnSync(process.execPath, [tsc, '--project', directory], { encoding: 'utf8' });
    return stdout || (status === 0 ? '' : `the compiler ended with ${status}`);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('the class, its metadata and its context fit rawdash’s types', async () => {
  const connector = await readFile(join(folder, 'connector.ts'), 'utf8');
  assert.equal(await problems({ 'connector.ts': connector }), '');
  // `default` and `node`, as bundlers and older projects resolve them.
  const bundler = { module: 'esnext', moduleResolution: 'bundler', exactOptionalPropertyTypes: true };
  assert.equal(await problems({ 'connector.ts': connector }, bundler), '');
});

test('the dashboard of the README compiles as it stands there', async () => {
  const readme = await readFile(join(root, '../../README.md'), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, text]) => text);
  const dashboard = blocks.find((text) => text.includes('defineDashboard'));
  assert.equal(await problems({ 'dashboard.ts': dashboard }), '');
});
