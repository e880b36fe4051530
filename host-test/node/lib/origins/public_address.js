// Whether an address is on the public internet. Everything else could be a
// machine that trusts whoever reaches it.

import { BlockList, isIPv4 } from 'node:net';

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3], // multicast, reserved, broadcast
]) {
  PRIVATE.addSubnet(network, prefix);
}

const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
const NOT_GLOBAL = new BlockList();
NOT_GLOBAL.addSubnet('2001::', 32, 'ipv6'); // Teredo
NOT_GLOBAL.addSubnet('2001:db8::', 32, 'ipv6');

/** The eight numbers of an IPv6 address. */
function segments(address) {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address.split('%')[0]);
  const plain = dotted
    ? dotted[1] +
      [dotted.slice(2, 4), dotted.slice(4, 6)]
        .map(([high, low]) => (Number(high) * 256 + Number(low)).toString(16))
        .join(':')
    : address.split('%')[0];
  const [head, tail] = plain.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const gap = tail === undefined ? [] : Array(8 - head.length - tail.length).fill('0');
  return [...head, ...gap, ...(tail ?? [])].map((segment) => Number.parseInt(segment, 16));
}

/** The IPv4 address that an IPv6 address reaches in the end, if it does. */
function embedded(parts) {
  const dotted = (high, low) => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const begins = (...wanted) => wanted.every((segment, index) => parts[index] === segment);
  if (begins(0, 0, 0, 0, 0, 0xffff)) return dotted(parts[6], parts[7]);
  if (begins(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(parts[6], parts[7]); // NAT64
  if (begins(0x2002)) return dotted(parts[1], parts[2]); // 6to4
  return undefined;
}

/** @param {string} address an IPv4 or IPv6 address */
export function isPublic(address) {
  if (isIPv4(address)) return !PRIVATE.check(address);
  const inner = embedded(segments(address));
  if (inner !== undefined) return !PRIVATE.check(inner);
  return GLOBAL.check(address, 'ipv6') && !NOT_GLOBAL.check(address, 'ipv6');
}

/** @param {string} address an IPv4 or IPv6 address */
export function isLoopback(address) {
  return isIPv4(address) ? address.startsWith('127.') : segments(address).join() === '0,0,0,0,0,0,0,1';
}
