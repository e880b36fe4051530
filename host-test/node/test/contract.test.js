// Components of other versions of the contract.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { createConnector } from '../host.js';
import { CONTRACT, acceptContract } from '../lib/contract.js';
import { weather } from './support/built.js';

/** The example as if it had been built against a version of the same length. */
async function built(version) {
  const text = (await readFile(weather)).toString('latin1');
  assert.ok(text.includes(`rawdash:connector/connector@${CONTRACT}`));
  return Buffer.from(text.replaceAll(`@${CONTRACT}`, `@${version}`), 'latin1');
}

test('a component of another patch of the contract runs', async () => {
  assert.equal((await createConnector(await built('0.2.7'))).id, 'weather');
});

test('a component of another version is refused with both versions and what to do', async () => {
  const refused = [
    ['0.1.9', /@0\.1\.9, this host supports 0\.2\.0: use a newer component, or rebuild it/],
    ['0.3.0', /@0\.3\.0, this host supports 0\.2\.0: use a newer host/],
    ['1.0.0', /@1\.0\.0, this host supports 0\.2\.0: use a newer host/],
  ];
  for (const [version, message] of refused) {
    await assert.rejects(createConnector(await built(version)), { kind: 'component', message });
  }
});

test('versions are compared as numbers, and one that was not released is another', () => {
  const exports = (version) => [`rawdash:connector/connector@${version}`];
  assert.throws(() => acceptContract(exports('0.10.0')), /use a newer host/);
  assert.throws(() => acceptContract(exports('0.2.0-rc.1')), /@0\.2\.0-rc\.1, this host supports/);
  assert.throws(() => acceptContract(['other:package/connector@0.1.0']), /does not export rawdash:connector/);
});
