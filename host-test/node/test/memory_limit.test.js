// A component's memory, which JavaScript itself does not bound.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { limitMemory } from '../lib/memory_limit.js';

const PAGE = 64 << 10;
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const EXPORT = [7, 5, 1, 1, 0x6d, 2, 0];
const module = (...memory) => Uint8Array.from([...HEADER, 5, memory.length, ...memory, ...EXPORT]);

async function memoryOf(bytes) {
  const { instance } = await WebAssembly.instantiate(bytes);
  return instance.exports.m;
}

test('a memory without a maximum gets one', async () => {
  const memory = await memoryOf(limitMemory(module(1, 0, 1), 200 * PAGE));
  memory.grow(199);
  assert.throws(() => memory.grow(1), RangeError);
});

test('a maximum that is declared is kept where it is lower', async () => {
  const lower = await memoryOf(limitMemory(module(1, 1, 1, 2), 200 * PAGE));
  assert.throws(() => lower.grow(2), RangeError);
  const higher = await memoryOf(limitMemory(module(1, 1, 1, 100), 3 * PAGE));
  assert.throws(() => higher.grow(3), RangeError);
});

test('a memory that begins beyond the limit is refused', async () => {
  await assert.rejects(memoryOf(limitMemory(module(1, 0, 10), 3 * PAGE)), WebAssembly.CompileError);
});
