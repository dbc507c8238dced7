/** `kubewright logs`: the log of a container, with kubectl's flags. */
import type { Command } from 'commander';
import { isRecord } from '../../shared/deep.ts';
import { parseDuration } from '../../types/duration.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { podTarget } from '../pod-target.ts';

interface Options {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly container?: string;
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: string;
  readonly since?: string;
}

function queryOf(options: Options): URLSearchParams {
  const query = new URLSearchParams();
  if (options.container !== undefined) query.set('container', options.container);
  if (options.follow === true) query.set('follow', 'true');
  if (options.previous === true) query.set('previous', 'true');
  if (options.timestamps === true) query.set('timestamps', 'true');
  if (options.tail !== undefined && options.tail !== '-1') {
    if (!/^\d+$/.test(options.tail)) throw usageError(`--tail takes a number of lines, not ${options.tail}`);
    query.set('tailLines', options.tail);
  }
  if (options.since !== undefined) {
    const since = parseDuration(options.since);
    if (since === undefined || since <= 0)
      throw usageError(`--since takes a duration such as 10m, not ${options.since}`);
    query.set('sinceSeconds', String(Math.ceil(since / 1000)));
  }
  return query;
}

async function logs(pod: string, options: Options): Promise<void> {
  using interrupted = interruption();
  using connection = await connect(options, interrupted.signal);
  const namespace = options.namespace ?? connection.namespace;
  const target = await podTarget(connection, pod, namespace, interrupted.signal);
  const { name } = target.pod.metadata;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/log?${queryOf(options).toString()}`;
  const response = await connection.http.open({ method: 'GET', path }, interrupted.signal);
  if (response.statusCode !== 200) {
    const chunks: Buffer[] = [];
    for await (const chunk of response) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    let status: unknown;
    try {
      status = JSON.parse(text);
    } catch {
      status = undefined;
    }
    throw new Exit(1, isRecord(status) && typeof status['message'] === 'string' ? status['message'] : text);
  }
  for await (const chunk of response) {
    if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
}

export function configure(command: Command): void {
  command
    .argument('<pod>', 'POD, or TYPE/NAME of what has pods (deploy/web, service/web)')
    .option('-n, --namespace <namespace>', 'its namespace')
    .option('-c, --container <container>', 'its container')
    .option('-f, --follow', 'go on while the container runs')
    .option('-p, --previous', 'of the run before')
    .option('--timestamps', 'each line with its time')
    .option('--tail <lines>', 'only the last lines')
    .option('--since <duration>', 'only lines younger than this')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(logs);
}
