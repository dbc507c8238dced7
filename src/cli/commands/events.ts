/** `kubewright events`: what happened, oldest first. */
import type { Command } from 'commander';
import { systemClock } from '../../shared/clock.ts';
import { Event } from '../../types/kinds/core/event.ts';
import type { Persisted } from '../../types/meta.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import { byTime, eventHead, eventRow } from '../event-rows.ts';
import { interruption } from '../interruption.ts';
import { tableText } from '../output.ts';
import { wantedOf } from '../resource-words.ts';

interface Options {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly for?: string;
  readonly types?: string;
  readonly watch?: boolean;
  readonly context?: string;
  readonly kubeconfig?: string;
}

const types: ReadonlySet<string> = new Set(['normal', 'warning']);

async function events(options: Options): Promise<void> {
  const wanted = options.types?.split(',').map((type) => type.toLowerCase());
  const odd = wanted?.find((type) => !types.has(type));
  if (odd !== undefined) throw usageError(`--types takes Normal and Warning, not ${odd}`);
  using interrupted = interruption();
  const { signal } = interrupted;
  using connection = await connect(options, signal);
  const namespace = options.allNamespaces === true ? '' : (options.namespace ?? connection.namespace);
  const selectors: string[] = [];
  if (options.for !== undefined) {
    const [found] = await wantedOf([options.for], connection, signal);
    const name = found?.names[0];
    if (!found || name === undefined) throw usageError(`--for takes TYPE/NAME, not ${options.for}`);
    selectors.push(`involvedObject.kind=${found.kind.kind}`, `involvedObject.name=${name}`);
  }
  const query = { namespace, ...(selectors.length === 0 ? {} : { fieldSelector: selectors.join(',') }) };
  const shown = (event: Persisted<Event>): boolean => wanted?.includes((event.type ?? '').toLowerCase()) ?? true;
  const rowOf = (event: Persisted<Event>): readonly string[] => {
    const row = eventRow(event, systemClock.now());
    return options.allNamespaces === true ? [event.metadata.namespace ?? '', ...row] : row;
  };
  const head = options.allNamespaces === true ? ['NAMESPACE', ...eventHead] : eventHead;
  const resource = connection.http.client.of(Event);
  const { items, resourceVersion } = await resource.list(query, signal);
  const rows = byTime(items.filter(shown)).map(rowOf);
  if (rows.length > 0) process.stdout.write(tableText(head, rows));
  else if (options.watch !== true)
    process.stderr.write(namespace === '' ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
  if (options.watch !== true) return;
  for await (const change of resource.watch({ ...query, resourceVersion }, signal))
    if ((change.type === 'ADDED' || change.type === 'MODIFIED') && shown(change.object))
      process.stdout.write(`${rowOf(change.object).join('   ')}\n`);
  signal.throwIfAborted();
  throw new Exit(1, 'the server ended the watch');
}

export function configure(command: Command): void {
  command
    .option('-n, --namespace <namespace>', 'namespace')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option('--for <object>', 'only those about TYPE/NAME')
    .option('--types <types>', 'only Normal or only Warning')
    .option('-w, --watch', 'go on as they come')
    .option('--context <context>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig')
    .action(events);
}
