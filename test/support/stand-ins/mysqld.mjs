// Stands in for MySQL: a server that asks for a user and a password, and keeps rows in its data folder.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

const table = '/var/lib/mysql/posts';
const { MYSQL_USER: user, MYSQL_PASSWORD: password, MYSQL_DATABASE: database } = process.env;

/** A broken connection is no error of its lines. */
function linesOf(socket) {
  return createInterface({ input: socket }).on('error', () => undefined);
}

createServer((socket) => {
  let known = false;
  socket.on('error', () => undefined);
  linesOf(socket).on('line', (line) => {
    if (!known) {
      known = line === `${user} ${password} ${database}`;
      if (!known) socket.end('access denied\n');
    } else if (line === 'select') {
      socket.end(existsSync(table) ? readFileSync(table, 'utf8') : '');
    } else {
      appendFileSync(table, `${line}\n`);
      socket.end('ok\n');
    }
  });
}).listen(3306);
process.on('SIGTERM', () => process.exit(0));
