// The origins of a manifest: host names of which a part stands for what a
// configuration holds. Pure.

import { SyncError } from '../sync_error.js';
import { hostName } from './host_name.js';

/**
 * What stands between two dots of a pattern.
 * @typedef {{label: string} | {any: true} | {pointer: string, byDefault?: string}} Part
 */

/** Stands for any one label, where a pattern is resolved. */
const ANY = '*';

/** @returns {Part} what is between braces */
function braces(inside) {
  const [, pointer, byDefault] = /^([^|]*)(?:\|(.*))?$/s.exec(inside);
  if (!pointer.startsWith('/')) throw 'has no JSON Pointer in its braces';
  return { pointer, byDefault };
}

/** @returns {Part[]} */
function partsOf(host) {
  const parts = [];
  for (let rest = host; rest !== undefined; ) {
    const braced = /^\{([^}]*)\}(.*)$/s.exec(rest);
    if (!braced && rest.startsWith('{')) throw 'lacks a closing brace';
    const [, inside, after] = braced ?? /^([^.]*)(.*)$/s.exec(rest);
    if (braced) parts.push(braces(inside));
    else parts.push(inside === ANY ? { any: true } : { label: inside });
    if (after !== '' && !after.startsWith('.')) {
      throw 'has braces that end in the middle of a label';
    }
    rest = after === '' ? undefined : after.slice(1);
  }
  return parts;
}

/** What a configuration holds at a JSON Pointer. */
function at(configuration, pointer) {
  const steps = pointer.split('/').slice(1);
  return steps.reduce((inner, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return inner !== null && typeof inner === 'object' && Object.hasOwn(inner, name)
      ? inner[name]
      : undefined;
  }, configuration);
}

/** The host name or labels that a configuration's text means. */
function hostIn(value) {
  if (typeof value !== 'string') throw 'is not a string';
  if (!value.includes('://')) return hostName(value);
  const url = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(value);
  if (!url) throw 'is not a URL';
  // Requests go to the host on port 443 without a user: a URL that names another
  // port, or a user, is refused.
  return hostName(url[1]);
}

export class OriginPattern {
  /** As the manifest writes it. */
  text;
  /** @type {Part[]} */
  #parts;

  constructor(text) {
    const wrong = (problem) =>
      new SyncError(
        'component',
        `the manifest's origin ${JSON.stringify(text)} ${problem}: it must be https:// and a ` +
          'host name, in which labels may be written as {/pointer}, {/pointer|default} or *',
      );
    if (!text.startsWith('https://')) throw wrong('is not https');
    this.text = text;
    try {
      this.#parts = partsOf(text.slice('https://'.length));
      // With a label in place of each part, what is declared must be a host.
      const sample = this.#parts.map(({ label, byDefault }) => label ?? byDefault ?? 'label');
      hostName(sample.join('.'));
      if (this.#parts.slice(-2).some(({ any }) => any)) {
        throw 'leaves one of its last two labels open';
      }
    } catch (problem) {
      throw wrong(problem);
    }
  }

  /**
   * What the pattern means under a configuration: labels, of which `*` is any;
   * undefined where it allows nothing, because the configuration holds nothing
   * at a pointer.
   * @returns {string[] | undefined}
   */
  resolve(configuration) {
    const names = [];
    for (const { label, any, pointer, byDefault } of this.#parts) {
      const name = label ?? (any ? ANY : this.#configured(configuration, pointer) ?? byDefault);
      if (name === undefined) return undefined;
      names.push(name.toLowerCase());
    }
    const labels = names.join('.').split('.');
    const { pointer } = this.#parts.find((part) => part.pointer !== undefined) ?? {};
    const sample = labels.map((label) => (label === ANY ? 'label' : label)).join('.');
    refusing(pointer, () => hostName(sample));
    return labels;
  }

  #configured(configuration, pointer) {
    const value = at(configuration, pointer) ?? undefined;
    return value === undefined ? undefined : refusing(pointer, () => hostIn(value));
  }
}

function refusing(pointer, act) {
  try {
    return act();
  } catch (problem) {
    throw new SyncError(
      'configuration',
      `the configuration's ${pointer} ${problem}: it must be a host name, without scheme, port ` +
        'or path',
    );
  }
}

/** Whether the host is the one that a resolved pattern means, or one of these. */
export function allows(labels, host) {
  const found = host.split('.');
  const fits = (label, index) => label === ANY || label === found[index];
  return labels !== undefined && labels.length === found.length && labels.every(fits);
}
