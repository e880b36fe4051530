// Gives the memories of a core module a maximum: JavaScript has no other way
// to bound them. Beyond it `memory.grow` fails, and the component crashes.

import { concatenated } from './bytes.js';

const MEMORY_SECTION = 5;
const HEADER = 8;
const PAGE = 64 << 10;
const HAS_MAXIMUM = 1;

/** Reads an unsigned LEB128 number: the number, and where it ends. */
function number(bytes, start) {
  let value = 0;
  for (let at = start; ; at += 1) {
    value += (bytes[at] & 0x7f) * 2 ** (7 * (at - start));
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}

function written(value) {
  const bytes = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** The section's content with a maximum of `pages` for each memory. */
function limited(section, pages) {
  let [count, at] = number(section, 0);
  const out = written(count);
  for (; count > 0; count -= 1) {
    const flags = section[at];
    const [least, afterLeast] = number(section, at + 1);
    let most = pages;
    at = afterLeast;
    if (flags & HAS_MAXIMUM) {
      const [declared, afterMost] = number(section, at);
      most = Math.min(most, declared);
      at = afterMost;
    }
    // A memory that begins larger is refused when the module is compiled.
    out.push(flags | HAS_MAXIMUM, ...written(least), ...written(most));
  }
  return out;
}

/**
 * @param {Uint8Array} module a core module
 * @param {number} limit bytes of each of its memories
 */
export function limitMemory(module, limit) {
  const parts = [module.subarray(0, HEADER)];
  for (let at = HEADER; at < module.byteLength; ) {
    const [size, content] = number(module, at + 1);
    const end = content + size;
    if (module[at] === MEMORY_SECTION) {
      const section = limited(module.subarray(content, end), Math.floor(limit / PAGE));
      parts.push(Uint8Array.from([MEMORY_SECTION, ...written(section.length), ...section]));
    } else {
      parts.push(module.subarray(at, end));
    }
    at = end;
  }
  return concatenated(parts);
}
