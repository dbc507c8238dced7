/** The dashboard: kinds at the left, their objects as tables in the middle, one object at the right. All of it live. */
import type { Change, KindSummary, Row } from '../messages.ts';
import { closeDetail, openDetail } from './detail.ts';
import { age, found, made } from './elements.ts';
import { changes } from './server.ts';

const place = {
  context: found('context', HTMLElement),
  namespace: found('namespace', HTMLSelectElement),
  find: found('find', HTMLInputElement),
  trouble: found('trouble', HTMLParagraphElement),
  kinds: found('kinds', HTMLElement),
  title: found('title', HTMLElement),
  head: found('head', HTMLTableSectionElement),
  rows: found('rows', HTMLTableSectionElement),
  empty: found('empty', HTMLParagraphElement),
} as const;

const retry = 1000;
const rank = { failed: 0, waiting: 1, ready: 2 } as const;

let kinds: readonly KindSummary[] = [];
let rows = new Map<string, Row>();
let shownKind = 'apps/v1/deployments';
let selected: string | undefined;
let drawing = false;

function inNamespace(row: Row): boolean {
  const wanted = place.namespace.value;
  return wanted === '' ? !row.namespace.startsWith('kube-') : row.namespace === wanted || row.namespace === '';
}

/** Many changes of one moment are drawn once. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    drawNamespaces();
    drawKinds();
    drawRows();
  });
}

function drawNamespaces(): void {
  const names = [...new Set([...rows.values()].map(({ namespace }) => namespace))].filter((name) => name !== '').sort();
  const known = [...place.namespace.options].map(({ value }) => value).slice(1);
  if (names.join() === known.join()) return;
  const { value } = place.namespace;
  place.namespace.replaceChildren(
    ...['', ...names].map((name) => {
      const option = made('option', { text: name === '' ? 'all' : name });
      option.value = name;
      return option;
    }),
  );
  place.namespace.value = names.includes(value) ? value : '';
}

function drawKinds(): void {
  const visible = [...rows.values()].filter(inNamespace);
  place.kinds.replaceChildren(
    ...kinds.map(({ id, kind }) => {
      const own = visible.filter((row) => row.kind === id);
      const worst = own.map(({ health }) => health).sort((a, b) => rank[a] - rank[b])[0] ?? 'ready';
      const count = made('span', { text: String(own.length), className: worst === 'ready' ? '' : worst });
      const button = made('button', { click: () => show(id) }, made('span', { text: kind }), count);
      button.setAttribute('aria-current', String(id === shownKind));
      return button;
    }),
  );
}

function drawRows(): void {
  const summary = kinds.find(({ id }) => id === shownKind);
  if (!summary) return;
  const words = place.find.value.toLowerCase();
  const own = [...rows.values()]
    .filter((row) => row.kind === shownKind && inNamespace(row) && row.name.includes(words))
    .sort(
      (a, b) => rank[a.health] - rank[b.health] || (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1),
    );
  place.title.textContent = summary.kind;
  place.empty.hidden = own.length > 0;
  const titles = [...(summary.namespaced ? ['Namespace'] : []), 'Name', ...summary.columns, 'State', 'Age'];
  place.head.replaceChildren(made('tr', {}, ...titles.map((text) => headCell(text))));
  // The focused row keeps the focus although it is drawn anew.
  const focused = document.activeElement?.closest('tr')?.dataset['uid'];
  place.rows.replaceChildren(...own.map((row) => rowElement(row, summary)));
  if (focused !== undefined)
    [...place.rows.rows]
      .find(({ dataset }) => dataset['uid'] === focused)
      ?.querySelector('button')
      ?.focus();
}

function headCell(text: string): HTMLTableCellElement {
  const cell = made('th', { text });
  cell.scope = 'col';
  return cell;
}

function rowElement(row: Row, { namespaced }: KindSummary): HTMLTableRowElement {
  const element = made(
    'tr',
    {},
    ...(namespaced ? [made('td', { text: row.namespace })] : []),
    made('td', {}, made('button', { text: row.name, click: () => select(row) })),
    ...row.cells.map((text) => made('td', { text })),
    made('td', { text: row.detail === '' ? row.health : row.detail, className: row.health }),
    made('td', { text: age(row.created, Date.now()) }),
  );
  element.dataset['uid'] = row.uid;
  element.setAttribute('aria-selected', String(row.uid === selected));
  return element;
}

function show(kind: string): void {
  shownKind = kind;
  draw();
}

function select(row: Row): void {
  const kind = kinds.find(({ id }) => id === row.kind);
  if (!kind) return;
  selected = row.uid;
  shownKind = row.kind;
  draw();
  const all = [...rows.values()];
  const owners = all.filter(({ uid }) => row.owners.includes(uid));
  const children = all.filter((other) => other.owners.includes(row.uid));
  void openDetail(row, { kind, owners, children }, select);
}

function take(change: Change): void {
  switch (change.type) {
    case 'begin':
      ({ kinds } = change);
      rows = new Map();
      place.context.textContent = `${change.context} · ${change.server}`;
      document.title = `${change.context} · Kubewright`;
      break;
    case 'row':
      rows.set(change.row.uid, change.row);
      break;
    case 'gone':
      rows.delete(change.uid);
      if (selected === change.uid) {
        selected = undefined;
        closeDetail();
      }
      break;
    case 'trouble':
      trouble(change.message);
      break;
  }
  draw();
}

function trouble(message: string): void {
  place.trouble.textContent = message;
  place.trouble.hidden = message === '';
}

async function follow(): Promise<void> {
  for (;;) {
    try {
      for await (const change of changes()) take(change);
      trouble('The dashboard has ended; start it again with "kubewright dashboard".');
    } catch (error) {
      trouble(error instanceof Error ? error.message : String(error));
    }
    await new Promise((resolve) => setTimeout(resolve, retry));
  }
}

place.namespace.addEventListener('change', draw);
place.find.addEventListener('input', draw);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeDetail();
  if (event.key === '/' && document.activeElement !== place.find) {
    event.preventDefault();
    place.find.focus();
  }
});
// Ages grow without any change.
setInterval(draw, 10_000);
void follow();
