/** `kubewright top`: what pods and nodes use. */
import type { Command } from 'commander';
import { Node } from '../../types/kinds/core/node.ts';
import { NodeMetrics, PodMetrics } from '../../types/metrics-kinds.ts';
import type { UsageQuantities } from '../../types/metrics-kinds.ts';
import type { Persisted } from '../../types/meta.ts';
import { milliValue, quantityToNumber } from '../../types/quantity.ts';
import { ApiFailure } from '../../runtime/client/api-client.ts';
import { Exit, usageError } from '../command.ts';
import { connect, type Connection } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { tableText } from '../output.ts';

interface Options {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly containers?: boolean;
  readonly sortBy?: string;
  readonly headers: boolean;
  readonly output?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** In millicores and bytes. */
interface Used {
  readonly cpu: number;
  readonly memory: number;
}

interface Line extends Used {
  readonly words: readonly string[];
  /** Behind the figure of the same place. */
  readonly share?: readonly [cpu: string, memory: string];
}

function usedBy(usage: UsageQuantities): Used {
  return { cpu: milliValue(usage['cpu'] ?? '0'), memory: quantityToNumber(usage['memory'] ?? '0') };
}

function sum(all: readonly Used[]): Used {
  return all.reduce((total, one) => ({ cpu: total.cpu + one.cpu, memory: total.memory + one.memory }), {
    cpu: 0,
    memory: 0,
  });
}

function podLines(pods: readonly Persisted<PodMetrics>[], options: Options): readonly Line[] {
  return pods.flatMap(({ metadata, containers }) => {
    const place = options.allNamespaces === true ? [metadata.namespace ?? ''] : [];
    if (options.containers === true)
      return containers.map(({ name, usage }) => ({ words: [...place, metadata.name, name], ...usedBy(usage) }));
    return [{ words: [...place, metadata.name], ...sum(containers.map(({ usage }) => usedBy(usage))) }];
  });
}

function nodeLine({ metadata, usage }: Persisted<NodeMetrics>, nodes: readonly Persisted<Node>[]): Line {
  const used = usedBy(usage);
  const allocatable = nodes.find((node) => node.metadata.name === metadata.name)?.status?.allocatable ?? {};
  const percent = (part: number, whole: number): string =>
    whole === 0 ? '<unknown>' : `${Math.floor((part * 100) / whole)}%`;
  return {
    words: [metadata.name],
    ...used,
    share: [
      percent(used.cpu, milliValue(allocatable['cpu'] ?? '0')),
      percent(used.memory, quantityToNumber(allocatable['memory'] ?? '0')),
    ],
  };
}

function sorted(lines: readonly Line[], by: string | undefined): readonly Line[] {
  if (by === 'cpu' || by === 'memory') return [...lines].sort((a, b) => b[by] - a[by]);
  const name = (line: Line): string => line.words.join('\0');
  return [...lines].sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

function print(head: readonly string[], lines: readonly Line[], { headers, sortBy }: Options): void {
  const rows = sorted(lines, sortBy).map(({ words, cpu, memory, share }) => [
    ...words,
    `${Math.ceil(cpu)}m`,
    ...(share ? [share[0]] : []),
    `${Math.floor(memory / 2 ** 20)}Mi`,
    ...(share ? [share[1]] : []),
  ]);
  const text = tableText(head, rows);
  process.stdout.write(headers ? text : text.slice(text.indexOf('\n') + 1));
}

async function metricsOf<T>(read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    const isServed = !(error instanceof ApiFailure) || !error.message.includes('could not find the requested resource');
    if (isServed) throw error;
    throw new Exit(1, 'this cluster measures nothing: it has no metrics.k8s.io (metrics-server)');
  }
}

async function pods(name: string | undefined, options: Options, connection: Connection, signal: AbortSignal) {
  const namespace = options.allNamespaces === true ? '' : (options.namespace ?? connection.namespace);
  const query = { namespace, ...(options.selector === undefined ? {} : { labelSelector: options.selector }) };
  const { items } = await metricsOf(connection.http.client.of(PodMetrics).list(query, signal));
  const shown = name === undefined ? items : items.filter(({ metadata }) => metadata.name === name);
  if (name !== undefined && shown.length === 0)
    throw new Exit(
      1,
      `nothing is known of a pod ${JSON.stringify(name)} in ${namespace}: it does not run, or only just`,
    );
  if (options.output === 'json') return printJson(shown);
  const head = [...(options.allNamespaces === true ? ['NAMESPACE'] : []), ...podHead(options)];
  if (shown.length === 0) process.stderr.write(`No pods are measured${namespace === '' ? '' : ` in ${namespace}`}.\n`);
  else print([...head, 'CPU(cores)', 'MEMORY(bytes)'], podLines(shown, options), options);
}

function podHead({ containers }: Options): readonly string[] {
  return containers === true ? ['POD', 'NAME'] : ['NAME'];
}

async function nodes(name: string | undefined, options: Options, connection: Connection, signal: AbortSignal) {
  const query = options.selector === undefined ? {} : { labelSelector: options.selector };
  const [{ items }, known] = await Promise.all([
    metricsOf(connection.http.client.of(NodeMetrics).list(query, signal)),
    connection.http.client.of(Node).list({}, signal),
  ]);
  const shown = name === undefined ? items : items.filter(({ metadata }) => metadata.name === name);
  if (name !== undefined && shown.length === 0) throw new Exit(1, `nothing is known of a node ${JSON.stringify(name)}`);
  if (options.output === 'json') return printJson(shown);
  const head = ['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'];
  print(
    head,
    shown.map((node) => nodeLine(node, known.items)),
    options,
  );
}

function printJson(items: readonly object[]): void {
  process.stdout.write(`${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2)}\n`);
}

const subjects: Readonly<Record<string, typeof pods>> = {
  ...{ po: pods, pod: pods, pods },
  ...{ no: nodes, node: nodes, nodes },
};

async function top(what: string, name: string | undefined, options: Options): Promise<void> {
  const show = subjects[what];
  if (!show) throw usageError(`top shows pods or nodes, not ${what}`);
  if (options.sortBy !== undefined && options.sortBy !== 'cpu' && options.sortBy !== 'memory')
    throw usageError(`--sort-by takes cpu or memory, not ${options.sortBy}`);
  if (options.output !== undefined && options.output !== 'json')
    throw usageError(`--output takes json, not ${options.output}`);
  using interrupted = interruption();
  using connection = await connect(options, interrupted.signal);
  await show(name, options, connection, interrupted.signal);
}

export function configure(command: Command): void {
  command
    .argument('<what>', 'pods or nodes')
    .argument('[name]', 'only this one')
    .option('-n, --namespace <namespace>', 'namespace of the pods')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('-l, --selector <labels>', 'only those with these labels')
    .option('--containers', 'each container of a pod')
    .option('--sort-by <resource>', 'cpu or memory, the largest first')
    .option('--no-headers', 'without the line of names')
    .option('-o, --output <format>', 'json')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(top);
}
