/** Requests to a control plane as any client sends them, over HTTPS. */
import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import { isRecord } from '../../../src/shared/deep.ts';
import type { ControlPlane } from './control-plane.ts';

export interface HttpsReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface HttpsClient extends AsyncDisposable {
  readonly port: number;
  send(method: string, path: string, body?: object): Promise<HttpsReply>;
}

export async function overHttps({ server, certificates }: ControlPlane): Promise<HttpsClient> {
  const stack = new DisposeStack();
  const listening = stack.use(await server.listen([{ host: '127.0.0.1', port: 0 }]));
  const port = listening.addresses[0]?.port ?? 0;
  const { certificate: cert, key } = await certificates.client('admin', ['system:masters']);
  const agent = new Agent({ keepAlive: true, ca: certificates.authority, cert, key });
  stack.defer(() => agent.destroy());
  return {
    port,
    send: (method, path, body) => exchange({ agent, port, method, path }, body),
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function exchange(
  options: { readonly agent: Agent; readonly port: number; readonly method: string; readonly path: string },
  body: object | undefined,
): Promise<HttpsReply> {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    const outgoing = request({ host: '127.0.0.1', headers, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const value: unknown = text.startsWith('{') ? JSON.parse(text) : {};
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: isRecord(value) ? value : {},
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
