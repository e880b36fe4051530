// A server on this machine that stands in for an origin.

/**
 * The server that a route's URL names.
 * @typedef {{https: boolean, address: string, port: number}} Loopback
 * @returns {Loopback}
 */
export function loopback(url) {
  const wrong = (problem) =>
    new TypeError(
      `the route to ${JSON.stringify(url)} ${problem}: write the URL of a server on this ` +
        'machine, as in http://127.0.0.1:8080',
    );
  if (!URL.canParse(url)) throw wrong('is not a URL');
  const parsed = new URL(url);
  const https = parsed.protocol === 'https:';
  if (!https && parsed.protocol !== 'http:') throw wrong('is neither http nor https');
  if (parsed.pathname !== '/' || parsed.search !== '') throw wrong('has a path');
  if (parsed.username !== '' || parsed.password !== '') throw wrong('has a user name');
  const address = parsed.hostname === 'localhost' ? '127.0.0.1' : parsed.hostname.replace(/^\[|\]$/g, '');
  if (!/^(127(\.\d+){3}|::1)$/.test(address)) throw wrong('leaves this machine');
  return { https, address, port: Number(parsed.port) || (https ? 443 : 80) };
}
