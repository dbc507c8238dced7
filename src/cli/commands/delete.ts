/** `kubewright delete`: objects by name, by labels or by the files that declare them, with kubectl's flags. */
import type { Command } from 'commander';
import { ApiFailure } from '../../runtime/client/api-client.ts';
import type { DeleteQuery } from '../../runtime/client/api-client.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import { Registry } from '../../types/registry.ts';
import { Exit, usageError } from '../command.ts';
import { connect, kindOnServer } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { resourceName } from '../resource-name.ts';
import { wantedOf } from '../resource-words.ts';
import { loadManifests } from '../sources.ts';
import { untilGone } from '../up/apply.ts';
import { collect } from './build.ts';

interface Options {
  readonly filename: readonly string[];
  readonly namespace?: string;
  readonly selector?: string;
  readonly all?: boolean;
  readonly wait: boolean;
  readonly gracePeriod?: string;
  readonly now?: boolean;
  readonly force?: boolean;
  readonly ignoreNotFound?: boolean;
  readonly cascade: string;
  readonly context?: string;
  readonly kubeconfig?: string;
}

interface Doomed {
  readonly kind: KindDefinition;
  readonly namespace: string;
  readonly name: string;
}

const policies: Readonly<Record<string, NonNullable<DeleteQuery['propagationPolicy']>>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
};

function queryOf(options: Options): DeleteQuery {
  const propagationPolicy = policies[options.cascade];
  if (!propagationPolicy) throw usageError(`--cascade is background, foreground or orphan, not ${options.cascade}`);
  if (options.gracePeriod !== undefined && !/^\d+$/.test(options.gracePeriod))
    throw usageError(`--grace-period takes a number of seconds, not ${options.gracePeriod}`);
  const seconds =
    options.force === true ? 0 : options.now === true ? 1 : options.gracePeriod && Number(options.gracePeriod);
  return { propagationPolicy, ...(typeof seconds === 'number' ? { gracePeriodSeconds: seconds } : {}) };
}

async function ofFiles(connection: Connection, options: Options): Promise<readonly Doomed[]> {
  const manifests = await loadManifests(options.filename, { set: {}, typeCheck: false });
  if (!manifests) throw new Exit(1);
  const registry = new Registry(builtInKinds);
  const doomed: Doomed[] = [];
  // What was applied first goes last.
  for (const { object } of [...manifests].reverse()) {
    const kind = await kindOnServer(connection, registry, object);
    if (!kind || object.metadata.name === undefined) continue;
    const own = object.metadata.namespace ?? options.namespace ?? connection.namespace;
    doomed.push({ kind, namespace: kind.scope === 'Cluster' ? '' : own, name: object.metadata.name });
  }
  return doomed;
}

async function ofWords(
  connection: Connection,
  words: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<readonly Doomed[]> {
  const doomed: Doomed[] = [];
  for (const { kind, names } of await wantedOf(words, connection, signal)) {
    const namespace = kind.scope === 'Cluster' ? '' : (options.namespace ?? connection.namespace);
    if (names.length === 0 && options.selector === undefined && options.all !== true)
      throw usageError(`name what to delete of ${kind.plural}, or give --all or a selector (-l)`);
    const labelSelector = options.selector;
    const found =
      names.length > 0
        ? names
        : (
            await connection.http.client
              .of(kind)
              .list({ namespace, ...(labelSelector === undefined ? {} : { labelSelector }) }, signal)
          ).items.map(({ metadata }) => metadata.name);
    doomed.push(...found.map((name) => ({ kind, namespace, name })));
  }
  return doomed;
}

/** What went wrong, in the server's words. */
async function deleteOne(
  connection: Connection,
  { kind, namespace, name }: Doomed,
  options: Options,
  signal: AbortSignal,
): Promise<string | undefined> {
  const resource = connection.http.client.of(kind);
  try {
    const before = await resource.get({ namespace, name });
    if (!before || !(await resource.delete({ namespace, name }, queryOf(options))))
      return options.ignoreNotFound === true ? undefined : `${kind.plural} "${name}" not found`;
    process.stdout.write(`${resourceName(kind)} "${name}" deleted\n`);
    if (options.wait)
      await untilGone(
        connection.http.client,
        kind,
        { apiVersion: '', kind: '', namespace, name },
        before.metadata.uid,
        signal,
      );
    return undefined;
  } catch (error) {
    if (error instanceof ApiFailure) return error.message;
    throw error;
  }
}

async function remove(words: readonly string[], options: Options): Promise<void> {
  const files = options.filename.length > 0;
  if (files === words.length > 0) throw usageError('delete takes either TYPE NAME... or -f FILE');
  queryOf(options);
  using interrupted = interruption();
  const { signal } = interrupted;
  using connection = await connect(options, signal);
  const doomed = files ? await ofFiles(connection, options) : await ofWords(connection, words, options, signal);
  if (doomed.length === 0) process.stdout.write('No resources found\n');
  // All at once, as each has to end by itself before it is gone.
  const failures = await Promise.all(doomed.map((one) => deleteOne(connection, one, options, signal)));
  const told = failures.filter((failure) => failure !== undefined);
  if (told.length > 0) throw new Exit(1, told.join('\n'));
}

export function configure(command: Command): void {
  command
    .argument('[resource...]', 'TYPE NAME..., or TYPE/NAME...')
    .option('-f, --filename <file>', 'what a program, a file or a folder declares', collect, [])
    .option('-n, --namespace <namespace>', 'namespace')
    .option('-l, --selector <selector>', 'label selector')
    .option('--all', 'all of the type in the namespace')
    .option('--cascade <policy>', 'background, foreground or orphan', 'background')
    .option('--grace-period <seconds>', 'time that pods get to end')
    .option('--now', 'one second for pods to end')
    .option('--force', 'no time at all')
    .option('--ignore-not-found', 'what is gone already is no error')
    .option('--no-wait', 'do not wait until it is gone')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(remove);
}
