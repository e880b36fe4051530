// What went wrong with an exchange, as a `wasi:http` error code.

const BY_CODE = {
  PRIVATE_ADDRESS: 'destination-IP-prohibited',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'connection-timeout',
  EHOSTUNREACH: 'destination-IP-unroutable',
  ENETUNREACH: 'destination-IP-unroutable',
  HPE_HEADER_OVERFLOW: 'HTTP-response-header-section-size',
};

/** Of the server's certificate; what a server says of the client's is an alert. */
const CERTIFICATE =
  /^(ERR_TLS_CERT_|(CERT|DEPTH_ZERO|SELF_SIGNED|ERROR_IN_CERT|UNABLE_TO_(GET|VERIFY|DEC))_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_)/;

const RIGHT_TIME = "check this machine's clock; if it is right, the owner must renew it";
const BY_CERTIFICATE = {
  CERT_HAS_EXPIRED: `the server's certificate expired; ${RIGHT_TIME}`,
  CERT_NOT_YET_VALID: `the server's certificate is not valid yet; ${RIGHT_TIME}`,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the server's certificate is for other names; check the spelling of the host name, and that " +
    'it resolves to its own server',
};
const UNKNOWN_ISSUER =
  "the server's certificate was issued by an authority that this machine does not trust; if a " +
  "proxy is there on purpose, add its authority to this machine's, otherwise do not trust this " +
  'network';

const codeOf = (error) => String(error?.errors?.[0]?.code ?? error?.code ?? '');

/** Why a server's certificate is refused; `undefined` if it is not. */
export function distrust(error) {
  const code = codeOf(error);
  if (!CERTIFICATE.test(code)) return undefined;
  if (Object.hasOwn(BY_CERTIFICATE, code)) return BY_CERTIFICATE[code];
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED/.test(code)) return UNKNOWN_ISSUER;
  return `the server's certificate cannot be accepted (${code}); its owner must replace it`;
}

/** The error of a request without a response. */
export function requestError(error) {
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) return { tag: 'DNS-error', val: {} };
  if (Object.hasOwn(BY_CODE, code)) return { tag: BY_CODE[code] };
  if (CERTIFICATE.test(code)) return { tag: 'TLS-certificate-error' };
  if (/SSL|EPROTO|ERR_TLS/.test(code)) return { tag: 'TLS-protocol-error' };
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
