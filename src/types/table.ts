/** Columns and rows of the tables that `kubectl get` and `kubewright get` print. */
import type { Column } from './define-kind.ts';
import type { PodTemplateSpec } from './kinds/generated/core-v1.gen.ts';
import type { LabelSelector } from './kinds/generated/meta-v1.gen.ts';
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

type Cell<T extends KubeObject> = Column<T>['cell'];

export function textColumn<T extends KubeObject>(name: string, cell: Cell<T>): Column<T> {
  return { name, type: 'string', cell };
}

/** Shown with `-o wide` only. */
export function wideColumn<T extends KubeObject>(name: string, cell: Cell<T>): Column<T> {
  return { name, type: 'string', priority: 1, cell };
}

export function integerColumn<T extends KubeObject>(name: string, cell: Cell<T>): Column<T> {
  return { name, type: 'integer', cell };
}

export function booleanColumn<T extends KubeObject>(name: string, cell: Cell<T>): Column<T> {
  return { name, type: 'boolean', cell };
}

/** Kubernetes' word for nothing. */
export function orNone(text: string | undefined): string {
  return text === undefined || text === '' ? '<none>' : text;
}

export function orUnset(text: string | undefined): string {
  return text === undefined || text === '' ? '<unset>' : text;
}

/** `a=b,c=d`, sorted by key as Go prints label sets, or `<none>`. */
export function labelsText(labels: { readonly [key: string]: string } | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return orNone(keys.map((key) => `${key}=${labels?.[key] ?? ''}`).join(','));
}

/** A selector as metav1.FormatLabelSelector prints it. */
export function selectorText(selector: LabelSelector | undefined): string {
  const equal = Object.keys(selector?.matchLabels ?? {}).map((key) => `${key}=${selector?.matchLabels?.[key] ?? ''}`);
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
    const list = `(${[...values].sort().join(',')})`;
    if (operator === 'In') return `${key} in ${list}`;
    if (operator === 'NotIn') return `${key} notin ${list}`;
    return operator === 'Exists' ? key : `!${key}`;
  });
  return orNone([...equal, ...expressions].sort().join(','));
}

/** Containers, Images and Selector of workloads, with `-o wide`. */
export function workloadColumns<T extends KubeObject>(
  template: (object: T) => PodTemplateSpec | undefined,
  selector?: (object: T) => string,
): readonly Column<T>[] {
  const containers = (object: T) => template(object)?.spec?.containers ?? [];
  const columns: readonly Column<T>[] = [
    wideColumn('Containers', (object) =>
      containers(object)
        .map(({ name }) => name)
        .join(','),
    ),
    wideColumn('Images', (object) =>
      containers(object)
        .map(({ image }) => image ?? '')
        .join(','),
    ),
  ];
  return selector ? [...columns, wideColumn('Selector', selector)] : columns;
}
