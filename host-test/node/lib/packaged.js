// The component that the package contains, loaded for its first instance.

import { ofBase64 } from './bytes.js';

function once(make) {
  let made;
  return () => (made ??= make());
}

/** @param {Record<string, Uint8Array>} cores core modules by name */
export async function compiled(cores) {
  const modules = Object.entries(cores).map(async ([name, core]) => [
    name,
    await WebAssembly.compile(core),
  ]);
  return Object.fromEntries(await Promise.all(modules));
}

const decoded = (texts) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, ofBase64(text)]));

const url = (program) => new URL(`data:text/javascript,${encodeURIComponent(program)}`);

/**
 * For instances in threads.
 * @param {() => Promise<{default: {program: string, source: string}}>} thread
 * @param {() => Promise<{default: Record<string, string>}>} cores in base64
 * @returns {() => Promise<import('./thread/component.js').Build>}
 */
export const threadBuild = (thread, cores) =>
  once(async () => {
    const [{ default: texts }, { default: encoded }] = await Promise.all([thread(), cores()]);
    const modules = await compiled(decoded(encoded));
    return { program: url(texts.program), source: texts.source, modules };
  });

/**
 * For instances that are suspended, from core modules as bytes.
 * @param {() => Promise<{instantiate: Function}>} suspending
 * @param {() => Promise<{default: Record<string, string>}>} cores in base64
 * @returns {() => Promise<import('./suspending/component.js').Build>}
 */
export const suspendingBuild = (suspending, cores) =>
  once(async () => {
    const [{ instantiate }, { default: encoded }] = await Promise.all([suspending(), cores()]);
    return { instantiate, modules: await compiled(decoded(encoded)) };
  });

/**
 * The same, in a runtime that takes core modules only as modules of its own.
 * @param {() => Promise<{default: Record<string, WebAssembly.Module>}>} modules
 */
export const importedBuild = (suspending, modules) =>
  once(async () => {
    const [{ instantiate }, { default: imported }] = await Promise.all([suspending(), modules()]);
    return { instantiate, modules: imported };
  });
