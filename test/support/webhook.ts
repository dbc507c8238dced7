/** An admission webhook that is a real HTTPS server. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { fieldOf } from '../../src/runtime/apiserver/fields.ts';
import { openCertificates } from '../../src/runtime/apiserver/certificates.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { isRecord } from '../../src/shared/deep.ts';

export interface TestWebhook extends AsyncDisposable {
  readonly port: number;
  /** As webhook configurations have it: PEM in base64. */
  readonly caBundle: string;
}

/**
 * It is `localhost`, and `hook.default.svc` for whom a Service leads there.
 * @param answer what is answered to a request, save its uid; undefined for no answer at all
 */
export async function startWebhook(
  answer: (request: Readonly<Record<string, unknown>>) => object | undefined,
): Promise<TestWebhook> {
  const serverNames = ['localhost', '127.0.0.1', 'hook.default.svc'];
  const { server: pair, authority } = await openCertificates({ serverNames, clock: systemClock });
  const hook = createServer({ key: pair.key, cert: pair.certificate }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const sent = fieldOf(review, 'request');
      if (!isRecord(review) || !isRecord(sent)) throw new Error('a review without a request');
      const given = answer(sent);
      if (given) response.end(JSON.stringify({ ...review, response: { uid: sent['uid'], ...given } }));
    });
  });
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const address = hook.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    caBundle: Buffer.from(authority).toString('base64'),
    [Symbol.asyncDispose]: async () => {
      const closed = once(hook, 'close');
      hook.close();
      hook.closeAllConnections();
      await closed;
    },
  };
}
