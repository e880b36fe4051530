// A server whose identity cannot be verified gets nothing, and the error says why.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import https from 'node:https';
import { test } from 'node:test';

import { distrust, requestError } from '../lib/http/failure.js';
import { selfSigned } from './support/certificate.js';
import { MemoryStorage } from './support/memory_storage.js';
import { connectorAt, connectorOf, engine } from './support/tenant.js';

const DOMAIN = 'acme.eu.auth0.com';

test('a certificate that nobody vouches for ends the sync at its first request', async () => {
  const requests = [];
  const server = https.createServer(selfSigned(DOMAIN), (request, response) => {
    requests.push(request.url);
    response.end('{}');
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const Connector = await connectorAt(`https://127.0.0.1:${server.address().port}`);
    const configuration = { domain: DOMAIN, clientId: 'c', clientSecret: { $secret: 'SECRET' } };
    const { connector } = connectorOf(Connector, { configuration, secret: 'hunter2hunter2' });
    await assert.rejects(engine(connector, new MemoryStorage()), (error) => {
      assert.equal(error.kind, 'untrusted');
      assert.match(error.message, /Could not verify the identity of the server/);
      assert.match(error.message, /an authority that this machine does not trust/);
      return true;
    });
    assert.deepEqual({ requests, connections }, { requests: [], connections: 1 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('what a certificate lacks is reported, and a passing failure is not mistaken for it', () => {
  for (const [code, reported] of [
    ['CERT_HAS_EXPIRED', /expired/],
    ['CERT_NOT_YET_VALID', /not valid yet/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for other names/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /an authority that/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /an authority that/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /an authority that/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /an authority that/],
    ['CERT_REVOKED', /cannot be accepted \(CERT_REVOKED\)/],
    ['INVALID_PURPOSE', /cannot be accepted/],
  ]) {
    assert.equal(requestError({ code }).tag, 'TLS-certificate-error', code);
    assert.match(distrust({ code }), reported, code);
  }
  for (const [code, tag] of [
    // What the server says of the client's certificate, and a handshake that failed.
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'TLS-protocol-error'],
    ['ERR_TLS_HANDSHAKE_TIMEOUT', 'TLS-protocol-error'],
    ['EPROTO', 'TLS-protocol-error'],
    ['ECONNRESET', 'connection-terminated'],
  ]) {
    assert.equal(requestError({ code }).tag, tag, code);
    assert.equal(distrust({ code }), undefined, code);
  }
});
