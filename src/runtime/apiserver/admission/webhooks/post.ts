/** One question to a webhook, whatever it is about. */
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../../../shared/clock.ts';
import type { WebhookTarget } from './target.ts';

const LARGEST_ANSWER = 8 * 1024 * 1024;

/** The text of the answer. @throws Error that names the webhook when it has none, or one that is no success */
export function post(target: WebhookTarget, seconds: number, body: string, clock: Clock): Promise<string> {
  const { host, port, serverName, authority } = target;
  const path = timed(target.path, seconds);
  const url = timed(target.url, seconds);
  const stop = new AbortController();
  const timer = clock.schedule(seconds * 1000, () => stop.abort(new Error('context deadline exceeded')));
  return new Promise<string>((resolve, reject) => {
    const fail = (error: Error): void => {
      const reason: unknown = stop.signal.aborted ? stop.signal.reason : error;
      reject(new Error(`Post "${url}": ${reason instanceof Error ? reason.message : error.message}`, { cause: error }));
    };
    const sent = httpsRequest(
      {
        method: 'POST',
        host,
        port,
        path,
        servername: serverName,
        headers: {
          host: `${serverName}:${port}`,
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'kube-apiserver-admission',
        },
        agent: false,
        signal: stop.signal,
        ...(authority === undefined ? {} : { ca: authority }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > LARGEST_ANSWER) response.destroy(new Error(`the answer is longer than ${LARGEST_ANSWER} bytes`));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(text);
          else reject(new Error(`the server answered with status ${statusCode}: ${text.slice(0, 200)}`));
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  }).finally(() => timer[Symbol.dispose]());
}

/** Webhooks are told how long they have. */
function timed(text: string, seconds: number): string {
  return `${text}${text.includes('?') ? '&' : '?'}timeout=${seconds}s`;
}
