// The package as somebody has it who installed it, with zod beside it and
// nothing else.

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const NAME = '@rawdash/connector-auth0-component';

export class Installed {
  /** The project that the package is installed in. */
  directory;
  /** The package's own files, as npm packs them: path and size. */
  files;

  static async create() {
    const installed = new Installed();
    installed.directory = await mkdtemp(join(tmpdir(), 'installed-'));
    const words = ['pack', '--json', '--offline', '--ignore-scripts', '--pack-destination'];
    const { stdout } = await run('npm', [...words, installed.directory], { cwd: root });
    const [{ filename, files }] = JSON.parse(stdout);
    installed.files = files;
    await mkdir(installed.package, { recursive: true });
    const tarball = join(installed.directory, filename);
    await run('tar', ['xzf', tarball, '-C', installed.package, '--strip-components=1']);
    const zod = join(root, 'node_modules/zod');
    await symlink(zod, join(installed.directory, 'node_modules/zod'), 'junction');
    await writeFile(join(installed.directory, 'package.json'), '{"type":"module"}');
    return installed;
  }

  get package() {
    return join(this.directory, 'node_modules', NAME);
  }

  async manifest() {
    return JSON.parse(await readFile(join(this.package, 'package.json'), 'utf8'));
  }

  /** What a module prints that lies in the project. */
  async run(source, { words = [], env = {} } = {}) {
    const { stdout, stderr } = await run(
      process.execPath,
      [...words, '--input-type=module', '--eval', source],
      { cwd: this.directory, env: { ...process.env, ...env } },
    );
    return { stdout: stdout.trim(), stderr: stderr.trim() };
  }

  remove() {
    return rm(this.directory, { recursive: true });
  }
}
