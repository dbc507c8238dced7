/** The panel of one object: its YAML, events, relatives, logs, and what may be done to it. */
import type { ActionName, KindSummary, Row } from '../messages.ts';
import { confirmed } from './confirm.ts';
import { age, found, made } from './elements.ts';
import { act, detailOf, logOf } from './server.ts';

export interface Relatives {
  readonly kind: KindSummary;
  readonly owners: readonly Row[];
  readonly children: readonly Row[];
}

const panel = found('detail', HTMLElement);
let logs = new AbortController();

export function closeDetail(): void {
  logs.abort();
  panel.hidden = true;
  panel.replaceChildren();
}

function links(title: string, rows: readonly Row[], open: (row: Row) => void): readonly Node[] {
  if (rows.length === 0) return [];
  const items = rows.map((row) =>
    made('li', {}, made('button', { text: `${row.kind.split('/').pop() ?? ''}/${row.name}`, click: () => open(row) })),
  );
  return [made('h3', { text: title }), made('ul', {}, ...items)];
}

function failure(error: unknown): HTMLElement {
  const text = error instanceof Error ? error.message : String(error);
  return made('p', { text, className: 'failed' });
}

async function perform(action: ActionName, row: Row, place: HTMLElement): Promise<void> {
  const answer = await confirmed(action, row);
  if (!answer) return;
  const { kind, namespace, name } = row;
  try {
    await act({
      action,
      kind,
      namespace,
      name,
      ...(answer.replicas === undefined ? {} : { replicas: answer.replicas }),
    });
    place.replaceChildren(made('p', { text: `${action}: done`, className: 'ready' }));
  } catch (error) {
    place.replaceChildren(failure(error));
  }
}

async function follow(row: Row, container: string, into: HTMLPreElement): Promise<void> {
  logs.abort();
  logs = new AbortController();
  const { signal } = logs;
  into.hidden = false;
  into.textContent = '';
  try {
    for await (const text of logOf(row, container, signal)) {
      const atEnd = into.scrollHeight - into.scrollTop - into.clientHeight < 20;
      into.append(text);
      if (atEnd) into.scrollTop = into.scrollHeight;
    }
  } catch (error) {
    if (!signal.aborted) into.append(failure(error));
  }
}

export async function openDetail(row: Row, relatives: Relatives, open: (row: Row) => void): Promise<void> {
  logs.abort();
  panel.hidden = false;
  const told = made('div', {});
  told.setAttribute('role', 'status');
  const content = made('div', { text: 'Loading…' });
  const buttons = relatives.kind.actions.map((action) =>
    made('button', { text: action, click: () => void perform(action, row, told) }),
  );
  panel.replaceChildren(
    made('h2', { text: `${relatives.kind.kind} ${row.namespace === '' ? '' : `${row.namespace}/`}${row.name}` }),
    made('p', { text: row.detail, className: row.health }),
    made('menu', {}, ...buttons, made('button', { text: 'close', click: closeDetail })),
    told,
    ...links('Owned by', relatives.owners, open),
    ...links('Owns', relatives.children, open),
    content,
  );
  try {
    await show(row, content, false);
  } catch (error) {
    content.replaceChildren(failure(error));
  }
}

async function show(row: Row, content: HTMLElement, reveal: boolean): Promise<void> {
  const { yaml, events, containers } = await detailOf(row, reveal);
  const log = made('pre', { className: 'log' });
  log.hidden = true;
  log.tabIndex = 0;
  log.setAttribute('aria-label', 'Log');
  const isSecret = row.kind === 'v1/secrets' && !reveal;
  const text = made('pre', { text: yaml });
  text.tabIndex = 0;
  text.setAttribute('aria-label', 'YAML');
  const lines = events.map(({ type, reason, message, time, count }) =>
    made(
      'tr',
      { className: type === 'Warning' ? 'waiting' : '' },
      made('td', { text: age(time, Date.now()) }),
      made('td', { text: reason }),
      made('td', { text: count > 1 ? `${message} (x${count})` : message }),
    ),
  );
  content.replaceChildren(
    ...(containers.length === 0 ? [] : [made('h3', { text: 'Logs' })]),
    made(
      'menu',
      {},
      ...containers.map((name) => made('button', { text: name, click: () => void follow(row, name, log) })),
    ),
    log,
    ...(lines.length === 0 ? [] : [made('h3', { text: 'Events' }), made('table', {}, made('tbody', {}, ...lines))]),
    made('h3', { text: 'YAML' }),
    ...(isSecret ? [made('button', { text: 'show values', click: () => void show(row, content, true) })] : []),
    text,
  );
}
