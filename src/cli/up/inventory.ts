/**
 * What `up` applied for a program, kept in the cluster, so that the next `up` knows what is declared no longer and `down`
 * what to delete. One ConfigMap per program in kube-system.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { isRecord } from '../../shared/deep.ts';
import type { ApiClient } from '../../runtime/client/api-client.ts';
import { ConfigMap } from '../../types/kinds/core/config-map.ts';

export interface InventoryEntry {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}
export interface Inventory {
  readonly name: string;
  /** The absolute paths that the program was started from. */
  readonly entries: readonly string[];
  /** In apply order. */
  readonly objects: readonly InventoryEntry[];
}

const namespace = 'kube-system';
const label = 'kubewright.dev/inventory';

export function inventoryName(entries: readonly string[]): string {
  const paths = entries.map((entry) => resolve(entry)).sort();
  return `kubewright-app-${createHash('sha256').update(paths.join('\0')).digest('hex').slice(0, 12)}`;
}

export function entryText({ apiVersion, kind, namespace: space, name }: InventoryEntry): string {
  return `${apiVersion} ${kind} ${space}/${name}`;
}

function isEntry(value: unknown): value is InventoryEntry {
  return isRecord(value) && ['apiVersion', 'kind', 'namespace', 'name'].every((key) => typeof value[key] === 'string');
}

function decode(object: ConfigMap): Inventory {
  const list = (text: string | undefined): readonly unknown[] => {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value : [];
  };
  return {
    name: object.metadata.name ?? '',
    entries: list(object.data?.['entries']).filter((entry) => typeof entry === 'string'),
    objects: list(object.data?.['objects']).filter(isEntry),
  };
}

export async function readInventory(client: ApiClient, name: string): Promise<Inventory | undefined> {
  const found = await client.of(ConfigMap).get({ namespace, name });
  return found && decode(found);
}

export async function allInventories(client: ApiClient): Promise<readonly Inventory[]> {
  const { items } = await client.of(ConfigMap).list({ namespace, labelSelector: `${label}=true` });
  return items.map(decode);
}

export async function writeInventory(client: ApiClient, inventory: Inventory): Promise<void> {
  await client.of(ConfigMap).patch(
    { namespace, name: inventory.name },
    {
      type: 'apply',
      force: true,
      object: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: inventory.name, namespace, labels: { [label]: 'true' } },
        data: {
          entries: JSON.stringify(inventory.entries),
          objects: JSON.stringify(inventory.objects),
        },
      },
    },
    { fieldManager: 'kubewright' },
  );
}

export async function removeInventory(client: ApiClient, name: string): Promise<void> {
  await client.of(ConfigMap).delete({ namespace, name });
}
