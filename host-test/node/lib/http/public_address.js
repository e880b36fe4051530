// Whether an address is on the public internet. Everything else could be a
// machine that trusts whoever reaches it.

import { BlockList, isIP } from 'node:net';

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
];

const reachable = new BlockList();
reachable.addSubnet('0.0.0.0', 0, 'ipv4');
reachable.addSubnet('2000::', 3, 'ipv6');
reachable.addSubnet('::ffff:0:0', 96, 'ipv6');
reachable.addSubnet('64:ff9b::', 96, 'ipv6');

/** The 6to4 network of an IPv4 network. */
function sixToFour(network) {
  const [a, b, c, d] = network.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return `2002:${a}${b}:${c}${d}::`;
}

const refused = new BlockList();
refused.addSubnet('2001::', 32, 'ipv6'); // Teredo
refused.addSubnet('2001:db8::', 32, 'ipv6'); // documentation
for (const [network, prefix] of PRIVATE) {
  refused.addSubnet(network, prefix, 'ipv4');
  refused.addSubnet(`::ffff:${network}`, 96 + prefix, 'ipv6');
  refused.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6'); // NAT64
  refused.addSubnet(sixToFour(network), 16 + prefix, 'ipv6');
}

/** @param {string} text an IPv4 or IPv6 address; anything else is not public */
export function isPublic(text) {
  const [address] = text.split('%');
  const version = isIP(address);
  if (version === 0) return false;
  return reachable.check(address, `ipv${version}`) && !refused.check(address, `ipv${version}`);
}
