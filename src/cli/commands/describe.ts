/** `kubewright describe`: objects field by field, with what happened to them. */
import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { Event } from '../../types/kinds/core/event.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { Persisted } from '../../types/meta.ts';
import { Exit } from '../command.ts';
import { connect } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { description } from '../description.ts';
import { interruption } from '../interruption.ts';
import { wantedOf } from '../resource-words.ts';

interface Options {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly selector?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
}

async function objectsOf(
  connection: Connection,
  kind: KindDefinition,
  names: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<readonly Persisted[]> {
  const everywhere = kind.scope === 'Cluster' || options.allNamespaces === true;
  const namespace = everywhere ? '' : (options.namespace ?? connection.namespace);
  const resource = connection.http.client.of(kind);
  if (names.length === 0) {
    const { selector } = options;
    return (await resource.list({ namespace, ...(selector === undefined ? {} : { labelSelector: selector }) }, signal))
      .items;
  }
  const found: Persisted[] = [];
  for (const name of names) {
    const object = await resource.get({ namespace, name });
    if (!object) throw new Exit(1, `${kind.plural} "${name}" not found`);
    found.push(object);
  }
  return found;
}

async function describe(words: readonly string[], options: Options): Promise<void> {
  using interrupted = interruption();
  const { signal } = interrupted;
  using connection = await connect(options, signal);
  const texts: string[] = [];
  for (const { kind, names } of await wantedOf(words, connection, signal)) {
    for (const object of await objectsOf(connection, kind, names, options, signal)) {
      const { namespace, uid } = object.metadata;
      const { items } = await connection.http.client
        .of(Event)
        .list(
          { ...(namespace === undefined ? {} : { namespace }), fieldSelector: `involvedObject.uid=${uid}` },
          signal,
        );
      texts.push(description(object, items, systemClock.now()));
    }
  }
  if (texts.length === 0) process.stderr.write('No resources found\n');
  process.stdout.write(texts.join('\n\n'));
}

export function configure(command: Command): void {
  command
    .argument('<resource...>', 'TYPE, TYPE NAME..., or TYPE/NAME...')
    .option('-n, --namespace <namespace>', 'namespace')
    .option('-A, --all-namespaces', 'in all namespaces')
    .option('-l, --selector <selector>', 'label selector')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(describe);
}
