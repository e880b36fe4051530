// What readers see, row by row, whichever host stored it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import initSqlJs from 'sql.js';

import { host } from './built.js';

const sorted = (rows) =>
  rows
    .map((row) => [JSON.stringify(canonical(row)), row])
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([text]) => text);

function canonical(value) {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, canonical(value[name])]));
}

/** What is in a storage, without the edges that this host keeps for itself. */
export function contentOf(storage) {
  const { entities, events, metrics } = storage.tables;
  return {
    entities: sorted(entities),
    events: sorted(events),
    metrics: sorted(metrics),
  };
}

const SELECT = {
  entities: 'SELECT type, id, attributes, updated_at FROM entities',
  events: 'SELECT name, start_ts, end_ts, attributes FROM events',
  metrics: 'SELECT name, ts, value, attributes FROM metrics',
};

/** A database that the wasmtime host fills. */
export class Database {
  #directory;

  static async create() {
    const database = new Database();
    database.#directory = await mkdtemp(join(tmpdir(), 'rawdash-'));
    return database;
  }

  /** One `rawdash-host sync` of a tenant. */
  async sync(tenant, ...words) {
    const config = join(this.#directory, 'auth0.json');
    await writeFile(config, JSON.stringify(tenant.configuration));
    const route = `https://${tenant.info.domain}=${tenant.url}`;
    const db = ['--config', config, '--db', this.#file, '--route', route];
    const sync = spawn(host, ['sync', ...db, ...words], {
      env: { ...process.env, SECRET: tenant.secret },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    sync.stderr.on('data', (text) => (said += text));
    const [code] = await once(sync, 'exit');
    if (code !== 0) throw new Error(`rawdash-host sync ended with ${code}: ${said}`);
  }

  get #file() {
    return join(this.#directory, 'rawdash.sqlite');
  }

  /** What readers of it see. */
  async content() {
    const SQL = await initSqlJs();
    const database = new SQL.Database(await readFile(this.#file));
    const tables = Object.entries(SELECT).map(([table, sql]) => {
      const [{ columns, values } = { columns: [], values: [] }] = database.exec(sql);
      const rows = values.map((row) => {
        const given = Object.fromEntries(columns.map((name, index) => [name, row[index]]));
        return { ...given, attributes: JSON.parse(given.attributes) };
      });
      return [table, sorted(rows)];
    });
    database.close();
    return Object.fromEntries(tables);
  }

  remove() {
    return rm(this.#directory, { recursive: true });
  }
}

/** Fails with the first rows that are not in both, and no more of them. */
export function assertSame(content, wanted, where = '') {
  for (const table of Object.keys(wanted)) {
    const [lost, added] = [minus(wanted[table], content[table]), minus(content[table], wanted[table])];
    if (lost.length + added.length === 0) continue;
    const few = (rows) => rows.slice(0, 3).join('\n  ');
    assert.fail(
      `${table} ${where}: ${lost.length} rows are lost, ${added.length} too many\n  ` +
        `lost: ${few(lost)}\n  too many: ${few(added)}`,
    );
  }
}

/** The rows of one list that are not in the other, each as often as it is. */
function minus(rows, others) {
  const left = new Map();
  for (const row of others) left.set(row, (left.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const count = left.get(row) ?? 0;
    left.set(row, count - 1);
    return count < 1;
  });
}

/** The content that the wasmtime host makes of a tenant. */
export async function contentByWasmtime(tenant) {
  const database = await Database.create();
  try {
    await database.sync(tenant);
    return await database.content();
  } finally {
    await database.remove();
  }
}
