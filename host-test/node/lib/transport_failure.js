// What went wrong with an exchange, as a `wasi:http` error code.

const BY_CODE = {
  PRIVATE_ADDRESS: 'destination-IP-prohibited',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'connection-timeout',
  EHOSTUNREACH: 'destination-IP-unroutable',
  ENETUNREACH: 'destination-IP-unroutable',
  HPE_HEADER_OVERFLOW: 'HTTP-response-header-section-size',
};

/** The error of a request that got no response. */
export function requestError(error) {
  const code = String(error?.errors?.[0]?.code ?? error?.code ?? '');
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return { tag: 'DNS-error', val: {} };
  if (Object.hasOwn(BY_CODE, code)) return { tag: BY_CODE[code] };
  if (/CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS/.test(code)) return { tag: 'TLS-certificate-error' };
  if (/SSL|EPROTO/.test(code)) return { tag: 'TLS-protocol-error' };
  if (code.startsWith('HPE_')) return { tag: 'HTTP-protocol-error' };
  return { tag: 'connection-terminated' };
}

/** The error of a response's body. */
export function responseError(error) {
  const code = String(error?.code ?? '');
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
    return { tag: 'HTTP-protocol-error' };
  }
  if (code.startsWith('Z_')) return { tag: 'HTTP-response-content-coding', val: 'gzip' };
  return { tag: 'HTTP-response-incomplete' };
}
