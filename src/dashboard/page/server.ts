/** The page's requests, each with the token that came in the fragment of its address. */
import type { ActionRequest, Change, ObjectDetail, Row } from '../messages.ts';

const token = location.hash.slice(1);
// It is of no use in the history or on a screenshot.
if (token !== '') {
  sessionStorage.setItem('token', token);
  history.replaceState(null, '', location.pathname);
}

function request(path: string, options: RequestInit = {}): Promise<Response> {
  const authorization = `Bearer ${sessionStorage.getItem('token') ?? ''}`;
  return fetch(path, { ...options, headers: { authorization } });
}

async function accepted(response: Response): Promise<Response> {
  if (response.ok) return response;
  const text = await response.text();
  const parsed: { readonly message?: string } = JSON.parse(text);
  throw new Error(parsed.message ?? text);
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** Ends when the connection does. */
export async function* changes(): AsyncGenerator<Change> {
  for await (const line of linesOf(await accepted(await request('/api/changes')))) {
    const change: Change = JSON.parse(line);
    yield change;
  }
}

function address({ kind, namespace, name }: Row, more: Readonly<Record<string, string>> = {}): string {
  return new URLSearchParams({ kind, namespace, name, ...more }).toString();
}

export async function detailOf(row: Row, reveal: boolean): Promise<ObjectDetail> {
  const response = await accepted(await request(`/api/object?${address(row, reveal ? { reveal: '' } : {})}`));
  const detail: ObjectDetail = await response.json();
  return detail;
}

/** Pieces of the log of a container as they come, until the signal aborts. */
export async function* logOf(row: Row, container: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await request(`/api/log?${address(row, { container })}`, { signal });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) yield decoder.decode(chunk, { stream: true });
}

export async function act(action: ActionRequest): Promise<void> {
  await accepted(await request('/api/actions', { method: 'POST', body: JSON.stringify(action) }));
}
