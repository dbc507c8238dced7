/** Applies manifests in order, and deletes what is declared no longer. */
import { isFailure } from '../../runtime/client/answers.ts';
import { ApiFailure } from '../../runtime/client/api-client.ts';
import type { ApiClient } from '../../runtime/client/api-client.ts';
import type { Manifest } from '../../compiler/manifest-set.ts';
import { problemText } from '../../compiler/code-frame.ts';
import type { FieldPath } from '../../types/field-issue.ts';
import { deepClone, isRecord } from '../../shared/deep.ts';
import type { JsonValue } from '../../shared/deep.ts';
import { Job } from '../../types/kinds/batch/job.ts';
import type { Registry } from '../../types/registry.ts';
import { Exit } from '../command.ts';
import type { Connection } from '../connection.ts';
import { kindOnServer } from '../connection.ts';
import { titleOf } from '../../compiler/manifest-set.ts';
import { refusedField } from './blame.ts';
import type { InventoryEntry } from './inventory.ts';
import { entryText } from './inventory.ts';
import { untilServed } from './custom-resources.ts';
import type { Awaited } from './wait.ts';

export const fieldManager = 'kubewright';

export interface Applied extends Awaited {
  readonly manifest: Manifest;
  readonly entry: InventoryEntry;
}

export interface ApplySettings {
  /** Takes fields over from other field managers. */
  readonly force: boolean;
  /** Asks the server what would come of it, and changes nothing. */
  readonly dryRun?: boolean;
  /** Of objects that name none; the connection's when left out. */
  readonly namespace?: string;
  /** Makes a Job anew whose change is refused: what a finished or running job does cannot be changed. Told by `note`. */
  readonly replaceJobs?: undefined | { note(text: string): void; readonly signal: AbortSignal };
}

function isJson(value: unknown): value is JsonValue {
  return typeof value === 'object' && value !== null;
}

/** A message with the line of the program that it is about, and that line's surroundings. */
export async function placedError(manifest: Manifest, path: FieldPath, message: string): Promise<string> {
  const declared = manifest.place([]);
  const place = path.length === 0 ? declared : ((await manifest.locate?.(path)) ?? manifest.place(path));
  return problemText({
    severity: 'error',
    layer: 'api',
    code: 'apply',
    message,
    ...(place ? { place } : {}),
    // The field, and the call that declared the object.
    ...(declared && place && declared !== place ? { calledFrom: [declared] } : {}),
  });
}

/**
 * Server-side apply of one object by the field manager `kubewright`.
 * @throws Exit with the server's reason and the line that declared the object
 */
export async function applyOne(
  connection: Connection,
  registry: Registry,
  manifest: Manifest,
  settings: ApplySettings,
): Promise<Applied> {
  const { object } = manifest;
  const title = titleOf(object);
  const refused = async (message: string, path: FieldPath = []): Promise<Exit> =>
    new Exit(1, await placedError(manifest, path, `${title}: ${message}`));
  const kind = await kindOnServer(connection, registry, object);
  if (!kind) throw await refused(`the cluster has no ${object.apiVersion} ${object.kind}`);
  const namespace =
    kind.scope === 'Cluster' ? '' : (object.metadata.namespace ?? settings.namespace ?? connection.namespace);
  const name = object.metadata.name ?? '';
  if (name === '') throw await refused('needs metadata.name; a generated name would be another object each time');
  const draft: unknown = deepClone({
    ...object,
    metadata: { ...object.metadata, ...(namespace === '' ? {} : { namespace }) },
  });
  if (!isJson(draft)) throw await refused('this is no object');
  const { client } = connection.http;
  const patch = { type: 'apply', object: draft, force: settings.force } as const;
  const query = { fieldManager, fieldValidation: 'Strict', dryRun: settings.dryRun === true } as const;
  const entry = { apiVersion: object.apiVersion, kind: object.kind, namespace, name };
  try {
    const stored = await client.of(kind).patch({ namespace, name }, patch, query);
    return { kind, object: stored, title, manifest, entry };
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    if (settings.replaceJobs && kind.typeName === Job.typeName && isImmutable(error)) {
      await removeForReplacement(client, kind, entry, settings.replaceJobs);
      return applyOne(connection, registry, manifest, { ...settings, replaceJobs: undefined });
    }
    const remedy =
      error.reason === 'Conflict' && !settings.force
        ? '\n  leave these fields out, or take them over with --force-conflicts'
        : '';
    throw await refused(`${error.message}${remedy}`, refusedField(error.status));
  }
}

/** Whether nothing is wrong but that fields would change which cannot. */
function isImmutable(error: ApiFailure): boolean {
  if (error.reason !== 'Invalid' || !isRecord(error.status)) return false;
  const details = error.status['details'];
  const causes: unknown = isRecord(details) ? details['causes'] : undefined;
  return (
    Array.isArray(causes) &&
    causes.length > 0 &&
    causes.every((cause) => isRecord(cause) && String(cause['message']).endsWith('field is immutable'))
  );
}

async function removeForReplacement(
  client: ApiClient,
  kind: Applied['kind'],
  entry: InventoryEntry,
  { note, signal }: NonNullable<ApplySettings['replaceJobs']>,
): Promise<void> {
  const key = { namespace: entry.namespace, name: entry.name };
  const before = await client.of(kind).get(key);
  if (!before) return;
  const { uid } = before.metadata;
  await client.of(kind).delete(key, { propagationPolicy: 'Foreground', preconditions: { uid } });
  await untilGone(client, kind, entry, uid, signal);
  note(`replaced Job ${entry.namespace}/${entry.name}, since what a job does cannot be changed`);
}

/** One after the other: what stands first may be what the next one needs. */
export async function applyAll(
  connection: Connection,
  registry: Registry,
  manifests: readonly Manifest[],
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly Applied[]> {
  const applied: Applied[] = [];
  for (const manifest of manifests) {
    signal.throwIfAborted();
    const one = await applyOne(connection, registry, manifest, { force: true, replaceJobs: { note, signal } });
    await untilServed(connection, one.object, signal);
    applied.push(one);
  }
  return applied;
}

/** Entries of `before` that `now` has no more, last applied first. */
export function pruned(before: readonly InventoryEntry[], now: readonly InventoryEntry[]): readonly InventoryEntry[] {
  const kept = new Set(now.map(entryText));
  return before.filter((entry) => !kept.has(entryText(entry))).reverse();
}

/** Deletes in the foreground and waits until the objects, and so the containers of their pods, are gone. */
export async function deleteEntries(
  connection: Connection,
  registry: Registry,
  entries: readonly InventoryEntry[],
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    entries.map(async (entry) => {
      const { apiVersion, kind: kindName, namespace, name } = entry;
      const kind = await kindOnServer(connection, registry, { apiVersion, kind: kindName, metadata: {} });
      // A kind that is gone took its objects along.
      if (!kind) return;
      const { client } = connection.http;
      const before = await client.of(kind).get({ namespace, name });
      if (!before) return;
      await client.of(kind).delete({ namespace, name }, { propagationPolicy: 'Foreground' });
      await untilGone(client, kind, entry, before.metadata.uid, signal);
      note(`deleted ${kindName} ${namespace === '' ? name : `${namespace}/${name}`}`);
    }),
  );
}

/** Waits until the object of that uid is gone, and so the containers of its pods. */
export async function untilGone(
  client: ApiClient,
  kind: Applied['kind'],
  { namespace, name }: InventoryEntry,
  uid: string,
  signal: AbortSignal,
): Promise<void> {
  const resource = client.of(kind);
  const query = { namespace, fieldSelector: `metadata.name=${name}` };
  for (;;) {
    const { items, resourceVersion } = await resource.list(query, signal);
    if (items[0]?.metadata.uid !== uid) return;
    try {
      for await (const event of resource.watch({ ...query, resourceVersion }, signal))
        if (event.type === 'DELETED') return;
    } catch (error) {
      if (!isFailure(error, 'Expired', 'Gone')) throw error;
    }
    signal.throwIfAborted();
  }
}
