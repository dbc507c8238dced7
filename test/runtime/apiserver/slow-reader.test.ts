import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/shared/clock.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const timers = new ManualClock();
let server: TestServer;

beforeEach(async () => {
  // Certificates need the true time; what is due is the test's to say.
  server = await startTestServer({
    clock: {
      now: () => systemClock.now(),
      monotonic: () => timers.monotonic(),
      schedule: (delay, action) => timers.schedule(delay, action),
    },
  });
});
afterEach(() => server[Symbol.asyncDispose]());

function openWatch(): Promise<IncomingMessage> {
  const { admin, certificates, port } = server;
  return new Promise((resolve, reject) => {
    const identity = { ca: certificates.authority, cert: admin.certificate, key: admin.key };
    const request = httpsRequest(
      { host: '127.0.0.1', port, path: `${maps}?watch=1`, agent: false, ...identity },
      resolve,
    );
    request.on('error', reject);
    request.end();
  });
}

it('a watch client that never reads is cut off, and nobody else notices', async () => {
  const response = await openWatch();
  response.pause();
  const waiting = timers.pending;
  const data = { a: 'x'.repeat(900_000) };
  // Far more than the sockets of both sides take in.
  for (let i = 0; i < 40; i++) {
    expect((await server.send('POST', maps, { body: { metadata: { name: `big-${i}` }, data } })).status).toBe(201);
  }
  await timers.waitForTimers(waiting + 1);
  const cut = new Promise<void>((resolve) => response.once('close', resolve));
  response.on('error', () => undefined);
  timers.advance(60_000);
  response.resume();
  await cut;
  expect(response.complete).toBe(false);
  expect((await server.send('GET', `${maps}/big-0`)).status).toBe(200);
});
