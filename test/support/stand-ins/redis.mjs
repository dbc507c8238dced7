// Stands in for redis-server and redis-cli: PING, SET, GET, an append-only file, and replicas that follow the first.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , program = '', ...words] = process.argv;
const port = 6379;

/** @param {string} line */
function ask(line) {
  const socket = connect(port, '127.0.0.1', () => socket.end(`${line}\n`));
  socket.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  socket.pipe(process.stdout);
}

/** A broken connection is no error of its lines. */
function linesOf(socket) {
  return createInterface({ input: socket }).on('error', () => undefined);
}

function serve() {
  const folder = /^dir (.*)$/m.exec(readFileSync(words[0], 'utf8'))?.[1];
  const log = join(folder, 'appendonly.aof');
  const values = new Map();
  const replicas = new Set();
  const learn = (/** @type {string} */ line) => {
    const [, key, value] = line.split(' ');
    values.set(key, value);
    appendFileSync(log, `${line}\n`);
    for (const replica of replicas) replica.write(`${line}\n`);
  };
  if (existsSync(log))
    for (const line of readFileSync(log, 'utf8').split('\n')) values.set(line.split(' ')[1], line.split(' ')[2]);

  createServer((socket) => {
    socket.on('error', () => replicas.delete(socket));
    socket.on('close', () => replicas.delete(socket));
    linesOf(socket).on('line', (line) => {
      const [command, key] = line.split(' ');
      if (command === 'ping') socket.end('PONG\n');
      else if (command === 'get') socket.end(`${values.get(key) ?? '(nil)'}\n`);
      else if (command === 'sync') {
        replicas.add(socket);
        for (const [name, value] of values) if (name) socket.write(`set ${name} ${value}\n`);
      } else if (command === 'set') {
        learn(line);
        socket.end('OK\n');
      }
    });
  }).listen(port);

  const [host] = words.slice(words.indexOf('--replicaof') + 1);
  if (words.includes('--replicaof')) follow(host, learn);
  process.on('SIGTERM', () => process.exit(0));
}

/** As redis does, until the first one is there. */
function follow(host, learn) {
  const socket = connect(port, host, () => socket.write('sync\n'));
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(follow, 100, host, learn));
  linesOf(socket).on('line', learn);
}

if (program === 'redis-cli') ask(words.join(' '));
else serve();
