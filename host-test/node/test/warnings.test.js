// Many warnings as few lines.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { folded } from '../lib/warnings.js';

const odd = (message, count) => ({ code: 'odd-rows', message, count });

test('what is odd on each of a thousand pages is one line, with how often', () => {
  const page = odd('Rows of users were not as documented: a row is not an object (1), user_id is missing (2).', 3);
  assert.deepEqual(folded([...Array(1000).fill(page), odd('Rows of users were not as documented: email is too long (1).', 1)]), [
    odd('Rows of users were not as documented: a row is not an object (1000), user_id is missing (2000), email is too long (1).', 3001),
  ]);
});

test('no warning is lost among others', () => {
  const gap = { code: 'gap', message: 'Rows of the log are missing: Auth0 kept none before noon.', count: 1 };
  const other = { ...gap, message: 'Rows of the log are missing: Auth0 kept none before one.' };
  const logs = odd('Rows of logs were not as documented: a row is not an object (1).', 1);
  const users = odd('Rows of users were not as documented: a row is not an object (1).', 1);
  assert.deepEqual(folded([gap, logs, other, users]), [gap, logs, other, users]);
  assert.deepEqual(folded([gap, gap]), [{ ...gap, count: 2 }]);
});
