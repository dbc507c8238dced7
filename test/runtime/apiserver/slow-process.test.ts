/** A process that takes its time to read: its client is held back, and nothing is lost. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { serveProcessOverWebSocket } from '../../../src/runtime/apiserver/streams/process-websocket.ts';
import type { ProcessTarget } from '../../../src/runtime/apiserver/subresources/process-target.ts';

const PIECE = 64 * 1024;
const PIECES = 1000;

describe('input over a WebSocket', () => {
  it('waits at the client while the process does not read', async () => {
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let taken = 0;
    const target: ProcessTarget = {
      options: { stdin: true, stdout: true, stderr: true, tty: false },
      async run({ stdin }) {
        await begun;
        for await (const chunk of stdin) taken += chunk.length;
        return { exitCode: 0 };
      },
    };
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'v5.channel.k8s.io' });
    await once(server, 'listening');
    const paused = new Promise<void>((resolve) => {
      server.on('connection', (socket) => {
        const pause = socket.pause.bind(socket);
        socket.pause = () => {
          pause();
          resolve();
        };
        void serveProcessOverWebSocket(socket, target, new AbortController());
      });
    });
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const client = new WebSocket(`ws://127.0.0.1:${port}`, ['v5.channel.k8s.io']);
    await once(client, 'open');
    const answer = once(client, 'message');
    const piece = Buffer.alloc(PIECE + 1);
    for (let i = 0; i < PIECES; i++) client.send(piece);
    client.send(Buffer.from([255, 0]));
    await paused;
    expect(taken).toBe(0);
    begin();
    const [message] = await answer;
    expect(Buffer.isBuffer(message) ? message.toString('utf8', 1) : '').toContain('"status":"Success"');
    expect(taken).toBe(PIECE * PIECES);
    client.terminate();
    server.close();
  });
});
