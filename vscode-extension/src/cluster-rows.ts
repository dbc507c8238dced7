/** The rows of a cluster's dashboard -> the tree's groups and items. */
import type { Change, KindSummary, Row } from '../../src/dashboard/messages.ts';

export type { Row };

export interface Group {
  readonly kind: KindSummary;
  readonly rows: readonly Row[];
}

/** Kinds that people look for. */
const shown: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'CronJob',
  'Pod',
  'Service',
  'Ingress',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
]);

export class ClusterRows {
  #kinds: readonly KindSummary[] = [];
  #rows = new Map<string, Row>();
  /** Why the cluster does not answer; empty while it does. */
  trouble = '';

  take(change: Change): void {
    switch (change.type) {
      case 'begin':
        this.#kinds = change.kinds;
        this.#rows = new Map();
        this.trouble = '';
        return;
      case 'row':
        this.#rows.set(change.row.uid, change.row);
        return;
      case 'gone':
        this.#rows.delete(change.uid);
        return;
      case 'trouble':
        this.trouble = change.message;
    }
  }

  clear(): void {
    this.#rows = new Map();
  }

  /** Kinds that have objects, without those of the cluster itself. */
  groups(): readonly Group[] {
    const visible = [...this.#rows.values()].filter(({ namespace }) => !namespace.startsWith('kube-'));
    return this.#kinds
      .filter(({ kind }) => shown.has(kind))
      .map((kind) => ({
        kind,
        rows: visible
          .filter((row) => row.kind === kind.id)
          .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1)),
      }))
      .filter(({ rows }) => rows.length > 0);
  }

  kindOf(row: Row): KindSummary | undefined {
    return this.#kinds.find(({ id }) => id === row.kind);
  }
}

/** `deployments/web`, as the command line takes it. */
export function target({ kind, name }: Row): string {
  return `${kind.split('/').at(-1) ?? ''}/${name}`;
}

/** Ports that `kubewright get -o json` of a pod or a Service shows, as `port-forward` takes them. */
export function portsOf(output: string): readonly string[] {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'containerPort' || (key === 'port' && 'targetPort' in value)) found.add(String(inner));
      visit(inner);
    }
  };
  const object: unknown = JSON.parse(output);
  visit(typeof object === 'object' && object !== null && 'spec' in object ? object.spec : undefined);
  return [...found];
}
