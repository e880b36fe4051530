// Names of hosts, as opposed to addresses and everything else in a URL.

/** The host name in lower case; throws the text of what is wrong with it. */
export function hostName(text) {
  if (text.length < 1 || text.length > 253) throw 'has no host name of 1 to 253 characters';
  const labels = text.split('.');
  if (!labels.every((label) => /^[A-Za-z0-9_-]{1,63}$/.test(label))) {
    throw 'is not a plain host name';
  }
  if (isAddress(text)) throw 'is an IP address';
  return text.toLowerCase();
}

/** Whether a resolver takes the name for an IPv4 address, also in an old spelling. */
export function isAddress(name) {
  const last = name.split('.').at(-1).toLowerCase();
  return /^[0-9]+$/.test(last) || last.startsWith('0x');
}
