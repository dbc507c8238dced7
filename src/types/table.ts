/** Columns and rows of the tables that `kubectl get` and `kubewright get` print. */
import type { Column } from './define-kind.ts';
import type { KubeObject } from './meta.ts';

/** Go's apimachinery duration.HumanDuration: two units at most, the coarser the longer. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  if (years < 8) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}

export function ageText(timestamp: string | undefined, now: Date): string {
  return timestamp === undefined ? '<unknown>' : humanDuration(now.getTime() - Date.parse(timestamp));
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.',
  cell: (object) => object.metadata.name ?? '',
};
export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  cell: (object, now) => ageText(object.metadata.creationTimestamp, now),
};

/** Name, then the kind's own columns, then Age and what follows it. Without any, upstream prints Name and Created At. */
export function columnsOf<T extends KubeObject>(
  own?: readonly Column<T>[],
  afterAge: readonly Column<T>[] = [],
): readonly Column<T>[] {
  if (!own) {
    const created: Column<T> = {
      name: 'Created At',
      type: 'date',
      cell: (object) => object.metadata.creationTimestamp ?? null,
    };
    return [nameColumn, created];
  }
  return [nameColumn, ...own, ageColumn, ...afterAge];
}
