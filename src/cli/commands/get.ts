/** `kubewright get`: the server's tables, with kubectl's everyday flags. */
import type { Command } from 'commander';
import { isRecord } from '../../shared/deep.ts';
import { linesOf } from '../../shared/lines.ts';
import { collectionPath } from '../../runtime/client/resource-path.ts';
import { writeYaml } from '../../types/yaml/write.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { tableText } from '../output.ts';
import { wantedOf } from '../resource-words.ts';
import type { Wanted } from '../resource-words.ts';

interface Options {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly output?: string;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly headers: boolean;
  readonly watch?: boolean;
}

async function fetchJson(
  connection: Connection,
  path: string,
  accept: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { status, body } = await connection.http.fetch({ method: 'GET', path, headers: { accept } }, signal);
  const value: unknown = JSON.parse(body);
  if (!isRecord(value)) throw new Exit(1, `the API server answered ${path} with no object`);
  if (status !== 200)
    throw new Exit(1, `${typeof value['message'] === 'string' ? value['message'] : `HTTP ${status}`}`);
  return value;
}

function pathsOf({ kind, names }: Wanted, namespace: string, options: Options): readonly string[] {
  const base = collectionPath(kind, kind.scope === 'Cluster' || options.allNamespaces === true ? '' : namespace);
  if (names.length > 0) return names.map((name) => `${base}/${encodeURIComponent(name)}`);
  const query = new URLSearchParams();
  if (options.selector !== undefined) query.set('labelSelector', options.selector);
  if (options.fieldSelector !== undefined) query.set('fieldSelector', options.fieldSelector);
  return [query.size === 0 ? base : `${base}?${query.toString()}`];
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Rows of a meta.k8s.io Table as text, the namespace before the name with -A. */
function tableOf(table: Record<string, unknown>, wide: boolean, namespaced: boolean, headers: boolean): string {
  const columns = list(table['columnDefinitions']).map((column, index) => ({ column, index }));
  const shown = columns.filter(
    ({ column }) => isRecord(column) && (wide || column['priority'] === 0 || column['priority'] === undefined),
  );
  const rows = list(table['rows']).map((row) => {
    const cells = isRecord(row) ? list(row['cells']) : [];
    const object = isRecord(row) && isRecord(row['object']) ? row['object'] : {};
    const metadata = isRecord(object['metadata']) ? object['metadata'] : {};
    const texts = shown.map(({ index }) => String(cells[index] ?? ''));
    return namespaced ? [String(metadata['namespace'] ?? ''), ...texts] : texts;
  });
  if (rows.length === 0) return '';
  const head = shown.map(({ column }) => (isRecord(column) ? String(column['name']).toUpperCase() : ''));
  const text = tableText(namespaced ? ['NAMESPACE', ...head] : head, rows);
  return headers ? text : text.slice(text.indexOf('\n') + 1);
}

async function printTables(
  connection: Connection,
  wanted: readonly Wanted[],
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const namespace = options.namespace ?? connection.namespace;
  const texts: string[] = [];
  for (const one of wanted) {
    const tables = await Promise.all(
      pathsOf(one, namespace, options).map((path) => fetchJson(connection, path, accept, signal)),
    );
    const joined = { ...tables[0], rows: tables.flatMap((table) => list(table['rows'])) };
    texts.push(
      tableOf(
        joined,
        options.output === 'wide',
        options.allNamespaces === true && one.kind.scope === 'Namespaced',
        options.headers,
      ),
    );
  }
  const shown = texts.filter((text) => text !== '');
  if (shown.length === 0)
    process.stderr.write(
      options.allNamespaces === true ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`,
    );
  process.stdout.write(shown.join('\n'));
}

/** What there is, then a line for each change, as the server prints it. */
async function watchRows(connection: Connection, wanted: Wanted, options: Options, signal: AbortSignal): Promise<void> {
  const asTable = options.output === undefined || options.output === 'wide';
  const accept = asTable ? 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' : 'application/json';
  const [name] = wanted.names;
  const selected = name === undefined ? options : { ...options, fieldSelector: `metadata.name=${name}` };
  const [path = ''] = pathsOf({ kind: wanted.kind, names: [] }, options.namespace ?? connection.namespace, selected);
  const watch = new URLSearchParams({ watch: 'true' });
  const response = await connection.http.open(
    { method: 'GET', path: `${path}${path.includes('?') ? '&' : '?'}${watch.toString()}`, headers: { accept } },
    signal,
  );
  let first: Record<string, unknown> | undefined;
  for await (const line of untilAborted(linesOf(response), signal)) {
    const event: unknown = JSON.parse(line);
    const object: unknown = isRecord(event) ? event['object'] : undefined;
    if (!isRecord(object)) continue;
    if (response.statusCode !== 200 || object['kind'] === 'Status')
      throw new Exit(1, String(object['message'] ?? 'the server refuses to watch'));
    if (asTable) {
      const namespaced = options.allNamespaces === true && wanted.kind.scope === 'Namespaced';
      const head = options.headers && first === undefined;
      // Only the first table of a watch says what its columns are.
      first ??= object;
      const table = { ...object, columnDefinitions: first['columnDefinitions'] };
      process.stdout.write(tableOf(table, options.output === 'wide', namespaced, head));
    } else process.stdout.write(printed(object, options.output ?? ''));
  }
  signal.throwIfAborted();
  throw new Exit(1, 'the server ended the watch');
}

/** A stream that breaks because it was cut off here ends with the reason for that. */
async function* untilAborted(lines: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* lines;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

function printed(object: Record<string, unknown>, output: string): string {
  if (output === 'json') return `${JSON.stringify(object, undefined, 4)}\n`;
  return output === 'yaml' ? `---\n${writeYaml(object)}` : nameLine(object);
}

/** `deployment.apps/web`. */
function nameLine(item: unknown): string {
  if (!isRecord(item) || !isRecord(item['metadata'])) return '';
  const group = String(item['apiVersion']).includes('/') ? `.${String(item['apiVersion']).split('/')[0] ?? ''}` : '';
  return `${String(item['kind']).toLowerCase()}${group}/${String(item['metadata']['name'])}\n`;
}

async function printObjects(
  connection: Connection,
  wanted: readonly Wanted[],
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const namespace = options.namespace ?? connection.namespace;
  const items: unknown[] = [];
  for (const one of wanted) {
    for (const path of pathsOf(one, namespace, options)) {
      const value = await fetchJson(connection, path, 'application/json', signal);
      if (one.names.length > 0) items.push(value);
      else
        items.push(
          ...list(value['items']).map((item) => ({
            apiVersion: one.kind.apiVersion,
            kind: one.kind.kind,
            ...(isRecord(item) ? item : {}),
          })),
        );
    }
  }
  if (options.output === 'name') {
    for (const item of items) process.stdout.write(nameLine(item));
    return;
  }
  const single = items.length === 1 && wanted.length === 1 && wanted[0]?.names.length === 1;
  const value = single ? items[0] : { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } };
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(value, undefined, 4)}\n` : writeYaml(value));
}

async function get(words: readonly string[], options: Options): Promise<void> {
  const { output } = options;
  if (output !== undefined && !['wide', 'json', 'yaml', 'name'].includes(output))
    throw usageError(`--output is wide, json, yaml or name, not ${output}`);
  using interrupted = interruption();
  using connection = await connect(options, interrupted.signal);
  const wanted = await wantedOf(words, connection, interrupted.signal);
  if (options.watch === true) {
    const [one] = wanted;
    if (!one || wanted.length > 1 || one.names.length > 1)
      throw usageError('--watch follows one type, or one object of it');
    await watchRows(connection, one, options, interrupted.signal);
    return;
  }
  const print = output === undefined || output === 'wide' ? printTables : printObjects;
  await print(connection, wanted, options, interrupted.signal);
}

export function configure(command: Command): void {
  command
    .argument('<resource...>', 'TYPE, TYPE NAME..., or TYPE/NAME...')
    .option('-n, --namespace <namespace>', 'namespace')
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('-o, --output <format>', 'wide, json, yaml or name')
    .option('-l, --selector <selector>', 'label selector')
    .option('--field-selector <selector>', 'field selector')
    .option('-w, --watch', 'go on as they change')
    .option('--no-headers', 'without the line of column names')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(get);
}
