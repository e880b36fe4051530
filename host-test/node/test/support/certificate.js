// A certificate that nobody trusts, made anew each time: no key lies in the
// repository.

import { generateKeyPairSync, sign } from 'node:crypto';

/** One value of DER: its tag, its length, its content. */
function der(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (...bytes) => der(0x06, Buffer.from(bytes));
const number = (value) => der(0x02, Buffer.from([value]));
const time = (text) => der(0x18, Buffer.from(text));

/** A server's certificate for a host name, signed by itself. */
export function selfSigned(host) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsa = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from('test')))));
  const names = sequence(der(0x82, Buffer.from(host)));
  const alternative = sequence(oid(0x55, 0x1d, 0x11), der(0x04, names));
  const certificate = sequence(
    der(0xa0, number(2)),
    number(1),
    ecdsa,
    name,
    sequence(time('20000101000000Z'), time('22000101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternative)),
  );
  const signature = sign('sha256', certificate, privateKey);
  const signed = sequence(certificate, ecdsa, der(0x03, Buffer.from([0]), signature));
  const cert = `-----BEGIN CERTIFICATE-----\n${signed.toString('base64')}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}
