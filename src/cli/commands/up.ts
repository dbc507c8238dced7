/** `kubewright up`: compile, check, start the cluster, apply, prune, wait, show. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseDuration } from '../../types/duration.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import { Registry } from '../../types/registry.ts';
import { systemClock } from '../../shared/clock.ts';
import { isRunning, readRecord } from '../cluster-record.ts';
import type { ClusterRecord } from '../cluster-record.ts';
import { Exit, usageError } from '../command.ts';
import { connect } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { checkClusterName, clusterFolder, contextName, defaultClusterName } from '../home.ts';
import { interruption } from '../interruption.ts';
import { loadManifests, loadSources } from '../sources.ts';
import type { CompileOptions } from '../../compiler/index.ts';
import type { Manifest } from '../../compiler/manifest-set.ts';
import { blamedField } from '../up/blame.ts';
import { applyAll, placedError, deleteEntries, pruned } from '../up/apply.ts';
import type { Applied } from '../up/apply.ts';
import { lastLines, recentEvents } from '../up/evidence.ts';
import { inventoryName, readInventory, writeInventory } from '../up/inventory.ts';
import { Progress } from '../up/progress.ts';
import { readinessOf } from '../up/readiness.ts';
import { printSummary } from '../up/summary.ts';
import { NotReady, waitUntilReady } from '../up/wait.ts';
import { ensureStarted, publishKubeconfig } from './cluster.ts';
import { collect, parseSet } from './build.ts';

interface Options {
  readonly name: string;
  readonly wait: boolean;
  readonly watch?: boolean;
  readonly timeout: string;
  readonly kubeconfig?: string;
  readonly env?: string;
  readonly set: readonly string[];
  readonly typeCheck: boolean;
}

async function startFor(options: Options, progress: Progress): Promise<ClusterRecord> {
  const name = checkClusterName(options.name);
  const before = await readRecord(clusterFolder(name));
  if (!before || !isRunning(before)) progress.note(`starting cluster ${name}`);
  const record = await ensureStarted(name, {});
  const file = await publishKubeconfig(record, options.kubeconfig);
  if (!before || !isRunning(before))
    progress.note(`cluster ${name} runs at ${record.server}; context ${contextName(name)} in ${file}`);
  return record;
}

/** The whole story of one object that does not become ready, for the person who wrote it. */
async function explain(connection: Connection, failure: NotReady, applied: readonly Applied[]): Promise<Exit> {
  const manifest = applied.find(({ object }) => object.metadata.uid === failure.awaited.object.metadata.uid)?.manifest;
  const path = manifest && failure.pod ? blamedField(manifest.object, failure.pod.trouble) : [];
  const lines = [manifest ? await placedError(manifest, path, failure.message) : `error: ${failure.message}`];
  const { pod } = failure;
  if (pod) {
    lines.push(...(await recentEvents(connection, pod.key)));
    if (pod.trouble.container !== undefined)
      lines.push(...(await lastLines(connection, pod.key, pod.trouble.container, pod.trouble.previous)));
  }
  return new Exit(1, lines.join('\n'));
}

async function applyProgram(
  manifests: readonly Manifest[],
  entries: readonly string[],
  record: ClusterRecord,
  options: Options,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  using connection = await connect({ kubeconfig: record.kubeconfig }, signal);
  const registry = new Registry(builtInKinds);
  const { client } = connection.http;
  const name = inventoryName(entries);
  const before = await readInventory(client, name);
  const note = (text: string): void => progress.note(text);
  const applied = await applyAll(connection, registry, manifests, note, signal);
  for (const { title, object } of applied) progress.set(title, readinessOf(object));
  const objects = applied.map(({ entry }) => entry);
  const stale = pruned(before?.objects ?? [], objects);
  const paths = entries.map((entry) => resolve(entry));
  // First with what is to be deleted, so that an interruption forgets nothing.
  await writeInventory(client, { name, entries: paths, objects: [...objects, ...stale] });
  if (stale.length > 0) {
    await deleteEntries(connection, registry, stale, (text) => note(`${text} (declared no longer)`), signal);
    await writeInventory(client, { name, entries: paths, objects });
  }
  if (options.wait) {
    const timeout = parseDuration(options.timeout);
    if (timeout === undefined) throw usageError(`--timeout takes a duration such as 5m, not ${options.timeout}`);
    const timer = new AbortController();
    using _alarm = systemClock.schedule(timeout, () =>
      timer.abort(new Exit(1, `not everything became ready within ${options.timeout}`)),
    );
    try {
      await waitUntilReady(client, applied, progress, AbortSignal.any([signal, timer.signal]));
    } catch (error) {
      if (error instanceof NotReady) throw await explain(connection, error, applied);
      throw error;
    }
  }
  await printSummary(connection, applied, systemClock.now());
}

/** Most programs have none: what talks to Docker is not loaded for them. */
async function buildNeededImages(
  manifests: readonly Manifest[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (!manifests.some(({ images }) => images !== undefined && images.length > 0)) return;
  const { buildImages } = await import('../up/images.ts');
  await buildImages(manifests, progress, signal);
}

async function up(entries: readonly string[], options: Options): Promise<void> {
  using interrupted = interruption();
  const { signal } = interrupted;
  const progress = new Progress(process.stderr);
  const compileOptions = {
    ...(options.env === undefined ? {} : { env: options.env }),
    set: parseSet(options.set),
    typeCheck: options.typeCheck,
  };
  if (options.watch === true) return watchAndApply(entries, options, compileOptions, progress, signal);
  const manifests = await loadManifests(entries, compileOptions);
  if (!manifests) throw new Exit(1);
  await buildNeededImages(manifests, progress, signal);
  const record = await startFor(options, progress);
  await applyProgram(manifests, entries, record, options, progress, signal);
}

/** Watching begins before the first apply, so that no change made meanwhile is missed. A change breaks off the wait for what was applied before. */
async function watchAndApply(
  entries: readonly string[],
  options: Options,
  compileOptions: CompileOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const [{ CompileSession }, { watchSources }] = await Promise.all([
    import('../../compiler/session.ts'),
    import('../up/watch-sources.ts'),
  ]);
  await using session = new CompileSession();
  // No change of the program mends a cluster that cannot start.
  const hopeless = new AbortController();
  let record: ClusterRecord | undefined;
  await watchSources(entries, AbortSignal.any([signal, hopeless.signal]), async (superseded) => {
    const { manifests, inputs } = await loadSources(entries, compileOptions, session);
    if (!manifests) return inputs;
    await buildNeededImages(manifests, progress, superseded);
    try {
      record ??= await startFor(options, progress);
    } catch (error) {
      hopeless.abort(error);
      return inputs;
    }
    await applyProgram(manifests, entries, record, options, progress, superseded);
    return inputs;
  });
}

export function configure(command: Command): void {
  command
    .argument('<entry...>', 'TypeScript programs, YAML or JSON files, or folders of them')
    .option('--name <cluster>', 'name of the cluster', defaultClusterName)
    .option('--watch', 'apply again whenever a source file changes')
    .option('--no-wait', 'do not wait until everything is ready')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .option('--kubeconfig <file>', "kubeconfig to merge the cluster's context into")
    .option('--env <name>', 'environment handed to the program')
    .option('--set <key=value>', 'value handed to the program', collect, [])
    .option('--no-type-check', 'do not check types')
    .action(up);
}
