// Addresses of the internet protocol as numbers.

const OCTET = /^(0|[1-9][0-9]{0,2})$/;
const SEGMENT = /^[0-9A-Fa-f]{1,4}$/;

/** The four octets of an IPv4 address; undefined if it is none. */
export function octets(text) {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.map(Number);
}

/** The segments that a part of an IPv6 address names; an IPv4 address is the last two. */
function named(part) {
  if (part === '') return [];
  return part.split(':').flatMap((text) => {
    const four = octets(text);
    if (four) return [four[0] * 256 + four[1], four[2] * 256 + four[3]];
    return [SEGMENT.test(text) ? Number.parseInt(text, 16) : NaN];
  });
}

/** The eight segments of an IPv6 address, without its zone; undefined if it is none. */
export function segments(text) {
  const parts = text.split('%')[0].split('::');
  const [head, tail] = parts.map(named);
  if (parts.length > 2) return undefined;
  const count = head.length + (tail?.length ?? 0);
  if (tail === undefined ? count !== 8 : count > 7) return undefined;
  const all = [...head, ...Array(8 - count).fill(0), ...(tail ?? [])];
  return all.some(Number.isNaN) ? undefined : all;
}

/** Whether the numbers begin with those of a network, of `prefix` bits; each has `bits`. */
export function isWithin(numbers, network, prefix, bits) {
  return network.every((number, index) => {
    const significant = Math.min(Math.max(prefix - index * bits, 0), bits);
    const shift = bits - significant;
    return numbers[index] >> shift === number >> shift;
  });
}
