// The guestbook's web server: says which pod answered, its version, the greeting, and whether the secret is there.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 8080);
const version = process.env.GUESTBOOK_VERSION ?? 'unknown';
const pod = process.env.POD_NAME ?? process.env.HOSTNAME ?? 'unknown';

/** A mounted ConfigMap or Secret is read anew for each answer, since the cluster updates it in place. */
function setting(file, variable) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return (process.env[variable] ?? '').trim();
  }
}

function page() {
  return {
    pod,
    version,
    greeting: setting('/etc/guestbook/greeting', 'GREETING') || 'no greeting',
    secret: setting('/etc/guestbook-secret/password', 'GUESTBOOK_PASSWORD') === '' ? 'missing' : 'present',
  };
}

let draining = false;

const server = createServer((request, response) => {
  // Keep-alive clients are sent to another pod for their next request.
  if (draining) response.setHeader('Connection', 'close');
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/healthz') {
    response.end('ok\n');
  } else if (path === '/' && request.headers.accept?.includes('application/json')) {
    response.setHeader('Content-Type', 'application/json');
    response.end(`${JSON.stringify(page())}\n`);
  } else if (path === '/') {
    const lines = Object.entries(page()).map(([key, value]) => `${key}: ${value}\n`);
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    response.end(lines.join(''));
  } else {
    response.statusCode = 404;
    response.end('not found\n');
  }
});

// SIGTERM comes while the last connections are still on their way here: they are served until none has come for a
// while, then the listener closes, and the process ends after the last open request.
const QUIET_MS = 300;
const LONGEST_DRAIN_MS = 5000;
let lastConnection = 0;
server.on('connection', () => (lastConnection = performance.now()));

function drain() {
  if (draining) return;
  draining = true;
  const begun = performance.now();
  lastConnection = Math.max(lastConnection, begun);
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - lastConnection < QUIET_MS && now - begun < LONGEST_DRAIN_MS) return;
    clearInterval(timer);
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  }, 50);
}

process.on('SIGTERM', drain);
process.on('SIGINT', drain);
server.listen(port, () => console.log(`guestbook ${version} in ${pod} listens on port ${port}`));
