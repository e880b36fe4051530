// Makes JavaScript of a component, for a thread or for a runtime that suspends.
// It needs jco, which a package that holds a component does without.

import { transpileBytes } from '@bytecodealliance/jco-transpile';

import { MEMORY } from './limits.js';
import { limitMemory } from './memory_limit.js';
import { WAITING } from './wasi/imports.js';

/** The prefix of jco's names of a component's files. */
const NAME = 'connector';
/** The version that connectors are built with, as in `wit/deps`. */
const WASI = '0.2.12';
/** What the host calls; each call may wait. */
const CALLED = { connector: ['configure', 'sync', 'checkpoint'], manifest: ['describe'] };

const OPTIONS = {
  name: NAME,
  instantiation: 'async',
  emitTypescriptDeclarations: false,
  nodejsCompat: false,
};

/**
 * jco's options for a runtime that suspends the component while it waits.
 * @param {string[]} exports the names of what the component exports
 */
export const suspending = (exports) => ({
  asyncMode: 'jspi',
  asyncImports: WAITING.map((name) => name.replace('#', `@${WASI}#`)),
  asyncExports: Object.entries(CALLED).flatMap(([inner, functions]) => {
    const whole = exports.find((name) => name.startsWith(`rawdash:connector/${inner}@`));
    return functions.map((name) => `${whole}#${name}`);
  }),
});

/**
 * @typedef {object} Transpiled
 * @property {string} source an ES module that exports `instantiate`
 * @property {Record<string, Uint8Array>} cores its core modules, their memories limited
 * @property {string[]} imports the names of what the component imports
 * @property {string[]} exports the names of what it exports
 */

/**
 * Leaves out jco's log for debugging: each call between the component and the host would
 * compose some twenty of its lines, and look up for each whether to print it.
 */
const withoutLog = (source) => source.replaceAll(/^( *)(_debugLog\()/gm, '$1false && $2');

/**
 * @param {Uint8Array} component
 * @param {object} [options] jco's, more of them
 * @returns {Promise<Transpiled>}
 */
export async function transpile(component, options = {}) {
  const { files, imports, exports } = await transpileBytes(component, { ...OPTIONS, ...options });
  const modules = Object.entries(files).filter(([name]) => name.endsWith('.wasm'));
  // Limited here, where the bytes are at hand: workerd takes only modules.
  const cores = modules.map(([name, core]) => [name, limitMemory(core, MEMORY)]);
  const source = withoutLog(new TextDecoder().decode(files[`${NAME}.js`]));
  return { source, cores: Object.fromEntries(cores), imports, exports: exports.map(([name]) => name) };
}
