// A bare client: it sends the requests that a sync cannot do without, parses the
// answers, and stores nothing. Reads the tenant's announcement from standard input;
// prints the processor time of its process and the number of rows.
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';

const tenant = JSON.parse(await text(process.stdin));
const agent = new http.Agent({ keepAlive: true });

const send = (method, path, headers, body) =>
  new Promise((resolve, reject) => {
    const host = { host: tenant.domain, 'accept-encoding': 'gzip' };
    const options = { method, agent, headers: { ...host, ...headers } };
    const request = http.request(tenant.url + path, options, (response) => {
      const packed = response.headers['content-encoding'] === 'gzip';
      const body = packed ? response.pipe(createGunzip()) : response;
      text(body).then((answer) => resolve(JSON.parse(answer))).catch(reject);
    });
    request.on('error', reject);
    request.end(body);
  });

const credentials = JSON.stringify({
  grant_type: 'client_credentials',
  client_id: tenant.client_id,
  client_secret: tenant.client_secret,
  audience: `https://${tenant.domain}/api/v2/`,
});
const json = { 'content-type': 'application/json' };
const token = await send('POST', '/oauth/token', json, credentials);
const authorization = `${token.token_type} ${token.access_token}`;
const get = (path) => send('GET', `/api/v2/${path}`, { authorization });

const fields = 'user_id,email,identities,last_login,logins_count,blocked,created_at,updated_at';
let rows = 0;
// No page is beyond the first thousand users.
for (let page = 0; page < 10; page += 1) {
  const search = `page=${page}&per_page=100&fields=${fields}&include_fields=true`;
  rows += (await get(`users?${search}`)).length;
}
let logs = await get('logs?sort=date%3A1&page=0&per_page=1');
while (logs.length > 0) {
  rows += logs.length;
  logs = await get(`logs?from=${logs.at(-1).log_id}&take=100`);
}
agent.destroy();
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ microseconds: user + system, rows }));
