/** New connections, as many and as fast as so many workers make them. */
import { request } from 'node:http';

export interface Traffic extends AsyncDisposable {
  /** Resolves after so many further answers. @throws Error when the traffic stopped */
  until(answers: number): Promise<void>;
  stop(): Promise<{
    readonly failures: readonly string[];
    readonly bodies: ReadonlySet<string>;
    readonly perSecond: number;
  }>;
}

/** Each worker asks one of the addresses after the other, and every request has a connection of its own. */
export function connectAll(addresses: readonly string[], workers: number): Traffic {
  const failures: string[] = [];
  const bodies = new Set<string>();
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>();
  const begun = performance.now();
  let stopped = false;
  let answers = 0;
  const answered = (body: string): void => {
    bodies.add(body);
    answers++;
    for (const waiter of waiting) {
      if (answers < waiter.at) continue;
      waiting.delete(waiter);
      waiter.resolve();
    }
  };
  const work = async (index: number): Promise<void> => {
    for (let turn = index; !stopped; turn++) {
      const address = addresses[turn % addresses.length] ?? '';
      await get(address).then(answered, (error: unknown) => {
        failures.push(`${address} after ${Math.round(performance.now() - begun)} ms: ${String(error)}`);
      });
    }
  };
  const running = Promise.all(Array.from({ length: workers }, (_, index) => work(index)));
  const stop = async (): Promise<Awaited<ReturnType<Traffic['stop']>>> => {
    stopped = true;
    const taken = (performance.now() - begun) / 1000;
    await running;
    return { failures, bodies, perSecond: answers / taken };
  };
  return {
    until: (more) =>
      stopped
        ? Promise.reject(new Error('the traffic has stopped'))
        : new Promise((resolve) => waiting.add({ at: answers + more, resolve })),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function get(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(address, { agent: false, signal: AbortSignal.timeout(60_000) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (body += part));
      response.once('error', reject);
      response.once('end', () =>
        response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
      );
    });
    asked.once('error', reject);
    asked.end();
  });
}
