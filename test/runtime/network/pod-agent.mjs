// Stands in for a pod's program: a process in a network namespace of its own, which serves and calls on request.
// Serves TCP 8080 and UDP 8081: answers with its name and the address it sees the caller at.
import { createServer, connect } from 'node:net';
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const name = process.argv[2];
const tcp = createServer((socket) => {
  socket.on('error', () => undefined);
  socket.end(`${name} ${socket.remoteAddress}`);
});
tcp.listen(8080, '0.0.0.0', () => {
  const udp = createSocket('udp4');
  udp.on('message', (_, from) => udp.send(`${name} ${from.address}`, from.port, from.address));
  udp.bind(8081, '0.0.0.0', () => process.stdout.write('ready\n'));
});

const calls = {
  tcp: (request, answer) => {
    const socket = connect(request.port, request.host);
    let body = '';
    socket.setTimeout(request.timeout, () => socket.destroy(new Error('timeout')));
    if (request.payload !== undefined) {
      // A protocol in which the server does not hang up: the first bytes back are the answer.
      socket.write(Buffer.from(request.payload, 'base64'));
      socket.once('data', (chunk) => {
        answer({ body: chunk.toString('base64') });
        socket.destroy();
      });
    }
    socket.on('data', (chunk) => (body += chunk));
    socket.on('error', (error) => answer({ error: error.code ?? error.message }));
    socket.on('end', () => answer({ body }));
  },
  udp: (request, answer) => {
    const socket = createSocket('udp4');
    const timer = setTimeout(() => finish({ error: 'timeout' }), request.timeout);
    const finish = (result) => {
      clearTimeout(timer);
      socket.close();
      answer(result);
    };
    socket.on('message', (data) => finish({ body: data.toString('base64') }));
    socket.on('error', (error) => finish({ error: error.code }));
    socket.connect(request.port, request.host, () => socket.send(Buffer.from(request.payload ?? 'aGVsbG8=', 'base64')));
  },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  let answered = false;
  calls[request.kind](request, (result) => {
    if (!answered) process.stdout.write(JSON.stringify({ id: request.id, ...result }) + '\n');
    answered = true;
  });
});
process.stdin.on('end', () => process.exit(0));
