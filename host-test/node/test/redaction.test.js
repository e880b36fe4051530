// A secret that a component writes, as it is or encoded, is found.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Redaction } from '../lib/redaction.js';

const SECRET = 'hunter2?hunter2>hunter2';

test('a secret in a checkpoint is found wherever it stands in what is encoded', () => {
  const redaction = new Redaction([{ name: 'KEY', value: SECRET }]);
  for (const before of ['', 'a', 'ab', 'abc']) {
    for (const alphabet of ['base64', 'base64url']) {
      const state = Buffer.from(`${before}${SECRET}, and more`).toString(alphabet);
      assert.equal(redaction.finds(`{"state":"${state}"}`), 'KEY', state);
      assert.match(redaction.apply(state), /\[KEY\]/, state);
    }
  }
  const other = Buffer.from('another secret, and more').toString('base64');
  assert.equal(redaction.finds(other), undefined);
});

test('a secret in a message is replaced by its name, and a short one is not', () => {
  const redaction = new Redaction([{ name: 'KEY', value: SECRET }, { name: 'PIN', value: '1234' }]);
  assert.equal(redaction.apply(`said ${SECRET}, 1234.`), 'said [KEY], 1234.');
});
