// Whether an address is on the public internet. Everything else could be a
// machine that trusts whoever reaches it.

import { isWithin, octets, segments } from './ip_address.js';

const PRIVATE = [
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
].map(([network, prefix]) => ({ network: octets(network), prefix }));

const isPublicIpv4 = (address) =>
  !PRIVATE.some(({ network, prefix }) => isWithin(address, network, prefix, 8));

const ipv6 = (network, prefix) => (address) => isWithin(address, segments(network), prefix, 16);

const isGlobal = ipv6('2000::', 3);
const isTeredo = ipv6('2001::', 32);
const isDocumentation = ipv6('2001:db8::', 32);

/** Networks whose addresses reach an IPv4 address, and the segments that hold it. */
const EMBEDDING = [
  { holds: ipv6('::ffff:0:0', 96), at: 6 },
  { holds: ipv6('64:ff9b::', 96), at: 6 }, // NAT64
  { holds: ipv6('2002::', 16), at: 1 }, // 6to4
];

/** The IPv4 address that an IPv6 address reaches in the end, if it does. */
function embedded(address) {
  const at = EMBEDDING.find(({ holds }) => holds(address))?.at;
  if (at === undefined) return undefined;
  return [address[at], address[at + 1]].flatMap((segment) => [segment >> 8, segment & 255]);
}

/** @param {string} text an IPv4 or IPv6 address; anything else is not public */
export function isPublic(text) {
  const four = octets(text);
  if (four) return isPublicIpv4(four);
  const address = segments(text);
  if (address === undefined) return false;
  const inner = embedded(address);
  if (inner) return isPublicIpv4(inner);
  return isGlobal(address) && !isTeredo(address) && !isDocumentation(address);
}

/** Whether the text is an address of this machine itself. */
export function isLoopback(text) {
  const four = octets(text);
  return four ? four[0] === 127 : segments(text)?.join() === '0,0,0,0,0,0,0,1';
}
