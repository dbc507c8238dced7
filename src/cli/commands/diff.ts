/** `kubewright diff`: what an apply would change on a cluster, as the server itself says. */
import type { Command } from 'commander';
import { createTwoFilesPatch } from 'diff';
import { isRecord } from '../../shared/deep.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import { Registry } from '../../types/registry.ts';
import type { KubeObject, Persisted } from '../../types/meta.ts';
import { writeYaml } from '../../types/yaml/write.ts';
import { Exit } from '../command.ts';
import { connect, kindOnServer } from '../connection.ts';
import type { Connection } from '../connection.ts';
import { interruption } from '../interruption.ts';
import { coloured } from '../output.ts';
import { loadManifests } from '../sources.ts';
import type { Manifest } from '../../compiler/manifest-set.ts';
import { applyOne } from '../up/apply.ts';
import { liveObject } from '../up/live-object.ts';
import { titleOf } from '../../compiler/manifest-set.ts';
import { applySettings, compileOptionsOf, configureCluster } from './apply.ts';
import type { ClusterOptions } from './apply.ts';

/** As kubectl diff: 0 no difference, 1 differences, above that something went wrong. */
const exitDifferent = 1;
const exitTrouble = 2;

const serverFields: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'uid',
]);

/** Without what the server fills in or counts up, and without status, which an apply does not touch. */
function shown(object: KubeObject | undefined): Record<string, unknown> {
  if (!object) return {};
  const { metadata, ...rest } = object;
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !serverFields.has(key)));
  const { apiVersion, kind, ...body } = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'status'));
  return { apiVersion, kind, metadata: kept, ...body };
}

/** Values of Secrets are told apart, not shown. */
function masked(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): readonly [Record<string, unknown>, Record<string, unknown>] {
  const sides: readonly [Record<string, unknown>, Record<string, unknown>] = [{ ...before }, { ...after }];
  for (const field of ['data', 'stringData']) {
    const old = isRecord(before[field]) ? before[field] : {};
    const now = isRecord(after[field]) ? after[field] : {};
    const mask = (values: Readonly<Record<string, unknown>>, others: Readonly<Record<string, unknown>>, note: string) =>
      Object.fromEntries(
        Object.entries(values).map(([key, value]) => [
          key,
          key in others && others[key] !== value ? `*** (${note})` : '***',
        ]),
      );
    if (isRecord(before[field])) sides[0][field] = mask(old, now, 'before');
    if (isRecord(after[field])) sides[1][field] = mask(now, old, 'after');
  }
  return sides;
}

/** A unified diff; empty where nothing would change. */
function patchOf(title: string, before: KubeObject | undefined, after: KubeObject): string {
  const plain = [shown(before), shown(after)] as const;
  const [old, now] = after.kind === 'Secret' ? masked(...plain) : plain;
  const text = (value: Record<string, unknown>): string => (Object.keys(value).length === 0 ? '' : writeYaml(value));
  if (text(old) === text(now)) return '';
  const patch = createTwoFilesPatch(`live/${title}`, `applied/${title}`, text(old), text(now));
  return patch.slice(patch.indexOf('---'));
}

function painted(patch: string): string {
  return patch
    .split('\n')
    .map((line) =>
      line.startsWith('+') ? coloured(line, 'green') : line.startsWith('-') ? coloured(line, 'red') : line,
    )
    .join('\n');
}

/** The server cannot try an object whose kind or namespace comes with the same apply: it is new all the same. */
async function comesWithOthers(
  connection: Connection,
  registry: Registry,
  { object }: Manifest,
  all: readonly Manifest[],
): Promise<boolean> {
  const { namespace } = object.metadata;
  const others = all.map((manifest) => manifest.object);
  if (!(await kindOnServer(connection, registry, object)))
    return others.some(
      (other) =>
        other.kind === 'CustomResourceDefinition' &&
        'spec' in other &&
        isRecord(other.spec) &&
        isRecord(other.spec['names']) &&
        other.spec['names']['kind'] === object.kind,
    );
  const home = others.find((other) => other.kind === 'Namespace' && other.metadata.name === namespace);
  return home !== undefined && (await liveObject(connection, registry, home, undefined)) === undefined;
}

async function differenceOf(
  connection: Connection,
  registry: Registry,
  manifest: Manifest,
  all: readonly Manifest[],
  options: ClusterOptions,
): Promise<string> {
  const title = titleOf(manifest.object);
  if (await comesWithOthers(connection, registry, manifest, all)) return patchOf(title, undefined, manifest.object);
  const before: Persisted | undefined = await liveObject(connection, registry, manifest.object, options.namespace);
  const { object } = await applyOne(connection, registry, manifest, applySettings(options, true));
  return patchOf(title, before, object);
}

async function diff(entries: readonly string[], options: ClusterOptions): Promise<void> {
  using interrupted = interruption();
  const manifests = await loadManifests(entries, compileOptionsOf(options));
  if (!manifests) throw new Exit(exitTrouble);
  using connection = await connect(options, interrupted.signal);
  const registry = new Registry(builtInKinds);
  let different = false;
  const failures: string[] = [];
  for (const manifest of manifests) {
    interrupted.signal.throwIfAborted();
    try {
      const patch = await differenceOf(connection, registry, manifest, manifests, options);
      if (patch === '') continue;
      different = true;
      process.stdout.write(painted(patch));
    } catch (error) {
      if (!(error instanceof Exit) || error.code !== 1) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new Exit(exitTrouble, failures.join('\n'));
  if (different) throw new Exit(exitDifferent);
}

export function configure(command: Command): void {
  configureCluster(command).action(diff);
}
