/** `kubewright apply`: server-side apply of programs and manifests to any Kubernetes cluster. */
import type { Command } from 'commander';
import { deepEqual } from '../../shared/deep.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import { Registry } from '../../types/registry.ts';
import type { KubeObject, Persisted } from '../../types/meta.ts';
import { Exit } from '../command.ts';
import { connect } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { resourceName } from '../resource-name.ts';
import { loadManifests } from '../sources.ts';
import { applyOne } from '../up/apply.ts';
import type { ApplySettings } from '../up/apply.ts';
import { untilServed } from '../up/custom-resources.ts';
import { liveObject } from '../up/live-object.ts';
import { collect, parseSet } from './build.ts';

export interface ClusterOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly env?: string;
  readonly set: readonly string[];
  readonly typeCheck: boolean;
  readonly forceConflicts?: boolean;
}

interface Options extends ClusterOptions {
  readonly dryRun?: boolean;
}

/** What the options of the program and of the connection say, shared with `diff`. */
export function compileOptionsOf(options: ClusterOptions): Parameters<typeof loadManifests>[1] {
  return {
    ...(options.env === undefined ? {} : { env: options.env }),
    set: parseSet(options.set),
    typeCheck: options.typeCheck,
  };
}

export function applySettings({ forceConflicts, namespace }: ClusterOptions, dryRun: boolean): ApplySettings {
  return { force: forceConflicts === true, dryRun, ...(namespace === undefined ? {} : { namespace }) };
}

/** The part of an object that an apply can change; what the server counts up does not tell that it did. */
function essence({ metadata, ...rest }: KubeObject): unknown {
  const { managedFields: _managers, resourceVersion: _revision, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function verdict(before: Persisted | undefined, after: Persisted): string {
  if (!before || before.metadata.uid !== after.metadata.uid) return 'created';
  return deepEqual(essence(before), essence(after)) ? 'unchanged' : 'configured';
}

async function apply(entries: readonly string[], options: Options): Promise<void> {
  using interrupted = interruption();
  const { signal } = interrupted;
  const manifests = await loadManifests(entries, compileOptionsOf(options));
  if (!manifests) throw new Exit(1);
  using connection = await connect(options, signal);
  process.stderr.write(`applying to ${connection.http.server.origin} (context ${connection.context})\n`);
  const registry = new Registry(builtInKinds);
  const dryRun = options.dryRun === true;
  if (manifests.some(({ images }) => images !== undefined && images.length > 0)) {
    const { provideImages } = await import('../up/images.ts');
    await provideImages(manifests, connection.http.server, dryRun, signal);
  }
  const settings = applySettings(options, dryRun);
  const failures: string[] = [];
  for (const manifest of manifests) {
    signal.throwIfAborted();
    try {
      const before = await liveObject(connection, registry, manifest.object, options.namespace);
      const { kind, object } = await applyOne(connection, registry, manifest, settings);
      const note = dryRun ? ' (server dry run)' : '';
      process.stdout.write(`${resourceName(kind)}/${object.metadata.name} ${verdict(before, object)}${note}\n`);
      if (!dryRun) await untilServed(connection, object, signal);
    } catch (error) {
      // The others may be sound, and whoever reads wants to know of all that is wrong.
      if (!(error instanceof Exit) || error.code !== 1) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new Exit(1, failures.join('\n'));
}

/** Options that `apply` and `diff` have in common. */
export function configureCluster(command: Command): Command {
  return command
    .argument('<entry...>', 'TypeScript programs, YAML or JSON files, folders of them, or - for the standard input')
    .option('--context <context>', 'context of the kubeconfig; the current one when left out')
    .option('--kubeconfig <file>', 'kubeconfig; what KUBECONFIG names, else ~/.kube/config')
    .option('-n, --namespace <namespace>', 'namespace of objects that name none')
    .option('--env <name>', 'environment handed to the program')
    .option('--set <key=value>', 'value handed to the program', collect, [])
    .option('--no-type-check', 'do not check types')
    .option('--force-conflicts', 'take over fields that belong to other field managers');
}

export function configure(command: Command): void {
  configureCluster(command).option('--dry-run', 'let the server check everything, and change nothing').action(apply);
}
