/** Files out of ConfigMaps, Secrets, the pod's own fields and tokens: what volumes that follow the API are made of. */
import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  Secret,
} from '../../../types/kinds/generated/core-v1.gen.ts';
import { fieldValue, resourceFieldValue, type PodPlace } from '../pod-fields.ts';
import { VolumeError, type PayloadFile } from './volume-type.ts';

export const DEFAULT_MODE = 0o644;

export interface Selection {
  readonly items: readonly KeyToPath[] | undefined;
  readonly mode: number;
  readonly optional: boolean;
}

export function configMapFiles(
  name: string,
  configMap: ConfigMap | undefined,
  selection: Selection,
): Map<string, PayloadFile> {
  if (!configMap && !selection.optional) throw new VolumeError(`configmap "${name}" not found`);
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(configMap?.data ?? {})) data.set(key, Buffer.from(text));
  for (const [key, text] of Object.entries(configMap?.binaryData ?? {})) data.set(key, Buffer.from(text, 'base64'));
  return selected(data, selection, 'config');
}

export function secretFiles(name: string, secret: Secret | undefined, selection: Selection): Map<string, PayloadFile> {
  if (!secret && !selection.optional) throw new VolumeError(`secret "${name}" not found`);
  const data = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(secret?.data ?? {})) data.set(key, Buffer.from(text, 'base64'));
  return selected(data, selection, 'secret');
}

function selected(
  data: ReadonlyMap<string, Uint8Array>,
  { items, mode, optional }: Selection,
  what: string,
): Map<string, PayloadFile> {
  if (!items) return new Map([...data].map(([key, bytes]) => [key, { data: bytes, mode }]));
  const files = new Map<string, PayloadFile>();
  for (const item of items) {
    const bytes = data.get(item.key);
    if (bytes) files.set(inside(item.path), { data: bytes, mode: item.mode ?? mode });
    else if (!optional) throw new VolumeError(`references non-existent ${what} key: ${item.key}`);
  }
  return files;
}

export function downwardFiles(
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[],
  mode: number,
  place: PodPlace,
): Map<string, PayloadFile> {
  const files = new Map<string, PayloadFile>();
  for (const item of items) {
    const text = item.fieldRef
      ? fieldValue(pod, item.fieldRef, place)
      : item.resourceFieldRef
        ? resourceFieldValue(pod, undefined, item.resourceFieldRef, place)
        : '';
    files.set(inside(item.path), { data: Buffer.from(text), mode: item.mode ?? mode });
  }
  return files;
}

/** Whether any of the fields is known only once the pod has its address. */
export function needsAddress(items: readonly DownwardAPIVolumeFile[]): boolean {
  return items.some((item) => item.fieldRef?.fieldPath.startsWith('status.podIP'));
}

/** Validation keeps such paths out; here they would leave the volume. */
export function inside(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (path.startsWith('/') || parts.length === 0 || parts.some((part) => part === '..') || parts[0]?.startsWith('..')) {
    throw new VolumeError(`invalid path: ${path}`);
  }
  return parts.join('/');
}
