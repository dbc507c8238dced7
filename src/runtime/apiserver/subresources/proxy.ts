import type { Answer } from '../request-context.ts';
import { badRequest } from '../status-error.ts';
import type { Subresource } from './subresource.ts';

/** Requests for it are passed on before they come to a handler (reverse-proxy/); what is left are clients inside the process. */
export const proxy: Subresource = {
  name: 'proxy',
  document: ({ kind }) => ({ group: '', version: 'v1', kind: `${kind}ProxyOptions` }),
  verbs: { create: refuse, delete: refuse, get: refuse, patch: refuse, update: refuse },
};

function refuse(): Promise<Answer> {
  return Promise.reject(badRequest('only requests over HTTP can be passed on'));
}
