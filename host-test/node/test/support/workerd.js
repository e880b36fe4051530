// Cloudflare's runtime with one worker, as esbuild bundles it. Whatever the
// worker requests goes to one server on this machine, which has the origin's name.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { build } from 'esbuild';
import workerd from 'workerd';

/** As for a deployment: the conditions of Cloudflare's bundler, and no Node. */
async function bundle(contents, resolveDir, outdir) {
  const { metafile } = await build({
    stdin: { contents, resolveDir, sourcefile: 'main.js' },
    outfile: join(outdir, 'main.js'),
    bundle: true,
    format: 'esm',
    metafile: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
    loader: { '.wasm': 'copy' },
    assetNames: '[name]',
  });
  return metafile;
}

/** workerd's configuration, in Cap'n Proto. */
const configuration = (modules, target) => `
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "source", external = (address = "${target}", http = ())),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [
    (name = "main.js", esModule = embed "main.js"),
${modules.map((name) => `    (name = "${name}", wasm = embed "${name}"),`).join('\n')}
  ],
  compatibilityDate = "2026-11-01",
  globalOutbound = "source",
);
`;

export class Workerd {
  /** What was bundled, as esbuild says it. */
  metafile;
  #directory;
  #process;
  #url;

  /**
   * @param {string} source the worker's
   * @param {string} directory where its imports begin
   * @param {string} target the URL of the server
   */
  static async start(source, directory, target) {
    const runtime = new Workerd();
    runtime.#directory = await mkdtemp(join(tmpdir(), 'workerd-'));
    runtime.metafile = await bundle(source, directory, runtime.#directory);
    const modules = (await readdir(runtime.#directory)).filter((file) => file.endsWith('.wasm'));
    const config = join(runtime.#directory, 'config.capnp');
    await writeFile(config, configuration(modules, new URL(target).host));
    await runtime.#serve(config);
    return runtime;
  }

  async #serve(config) {
    // It reports its port on the fourth descriptor.
    const stdio = ['ignore', 'inherit', 'inherit', 'pipe'];
    this.#process = spawn(workerd.default, ['serve', config, '--control-fd=3'], { stdio });
    const lines = createInterface({ input: this.#process.stdio[3] });
    const [line] = await Promise.race([once(lines, 'line'), once(this.#process, 'exit')]);
    if (typeof line !== 'string') throw new Error(`workerd ended with ${line}`);
    this.#url = `http://127.0.0.1:${JSON.parse(line).port}`;
  }

  /** One sync in the worker. */
  async sync(request) {
    const response = await fetch(this.#url, { method: 'POST', body: JSON.stringify(request) });
    const text = await response.text();
    if (!response.ok) throw new Error(`the worker answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  async stop() {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
    await rm(this.#directory, { recursive: true });
  }
}
