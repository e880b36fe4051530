// Makes `connector/`: a component as the package contains it, transpiled for each
// runtime, so that installing the package needs no transpiler.
//
//   node make/connector.js COMPONENT DIRECTORY
//
// The same component gives the same bytes, on any machine.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build, transform } from 'esbuild';

import { base64 } from '../lib/bytes.js';
import { accept, buildOf, describe } from '../lib/load_component.js';
import { suspending, transpile } from '../lib/transpile.js';

const NOTE = '// Made by make/connector.js; do not edit.\n';

const module = (value) => `${NOTE}export default ${JSON.stringify(value, null, 2)};\n`;

async function minified(source) {
  const { code } = await transform(source, { format: 'esm', minify: true, target: 'es2022' });
  return code;
}

/** The program of a thread, with all that it imports. */
async function program() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../lib/thread/run.js', import.meta.url))],
    bundle: true,
    format: 'esm',
    minify: true,
    platform: 'node',
    target: 'node20',
    write: false,
  });
  return outputFiles[0].text;
}

/** Imports of the core modules, which a bundler for workerd keeps as modules. */
function importing(names) {
  const imports = names.map((name, nth) => `import module${nth} from './${name}';\n`).join('');
  const all = names.map((name, nth) => `  ${JSON.stringify(name)}: module${nth},\n`).join('');
  return `${NOTE}${imports}\nexport default {\n${all}};\n`;
}

/** @param {Uint8Array} component */
async function files(component) {
  const inThread = await transpile(component);
  accept(inThread);
  const suspended = await transpile(component, suspending(inThread.exports));
  const about = await describe(await buildOf(inThread));
  const cores = Object.entries(inThread.cores);
  const texts = cores.map(([name, core]) => [name, base64(core)]);
  return {
    'manifest.js': module(about),
    'thread.js': module({ program: await program(), source: await minified(inThread.source) }),
    'suspending.js': `${NOTE}${await minified(suspended.source)}`,
    'cores.js': module(Object.fromEntries(texts)),
    'modules.js': importing(cores.map(([name]) => name)),
    ...Object.fromEntries(cores),
  };
}

const [component, directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error('name the component and the directory: node make/connector.js COMPONENT DIRECTORY');
  process.exit(2);
}
const made = await files(new Uint8Array(await readFile(component)));
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });
for (const [name, content] of Object.entries(made)) await writeFile(join(directory, name), content);
