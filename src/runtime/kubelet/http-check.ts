/** A probe or hook over HTTP. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HTTPGetAction } from '../../types/kinds/generated/core-v1.gen.ts';
import { failureText } from './network-failure.ts';
import type { CheckResult } from './probe-check.ts';

const TIMEOUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
const MOST_REDIRECTS = 10;
/** Of an answer's body, in characters, as with a kubelet. */
const MOST_BODY = 10 * 1024;

/** Follows redirects that stay on the host; one to another host counts as success, as with a kubelet. */
export async function checkHttp(
  action: HTTPGetAction,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  const path = (action.path ?? '/').replace(/^(?!\/)/, '/');
  const scheme = action.scheme === 'HTTPS' ? 'https' : 'http';
  const first = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  if (!URL.canParse(first)) return { ok: false, output: `parse "${first}": invalid URL` };
  const headers: Record<string, string> = { 'User-Agent': 'kube-probe/1.36', Accept: '*/*', Connection: 'close' };
  for (const { name, value } of action.httpHeaders ?? []) headers[name] = value;
  let url = new URL(first);
  for (let hop = 0; ; hop += 1) {
    try {
      const { status, location, body } = await answer(url, headers, signal);
      const next = location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (status >= 300 && status < 400 && next?.hostname === url.hostname) {
        if (hop >= MOST_REDIRECTS) return { ok: false, output: `Get "${first}": stopped after 10 redirects` };
        url = next;
        continue;
      }
      if (status >= 300 && status < 400 && next) {
        return { ok: true, output: '', warning: `Probe terminated redirects, Response body: ${body}` };
      }
      const ok = status >= 200 && status < 400;
      return { ok, output: ok ? '' : `HTTP probe failed with statuscode: ${status}` };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
      return { ok: false, output: `Get "${url.href}": ${failureText(error, url.hostname, port, signal, TIMEOUT)}` };
    }
  }
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  /** Its beginning. */
  readonly body: string;
}

function answer(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { headers, agent: false, signal } as const;
    const take = (response: IncomingMessage): void => {
      let body = '';
      response.setEncoding('utf8');
      response.on('error', reject);
      response.on(
        'data',
        (chunk: string) => (body = body.length < MOST_BODY ? (body + chunk).slice(0, MOST_BODY) : body),
      );
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, location: response.headers.location, body });
      });
    };
    // Certificates are not checked: a pod's own can hardly name its address.
    const call =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized: false }, take)
        : httpRequest(url, options, take);
    call.on('error', reject);
    call.end();
  });
}
