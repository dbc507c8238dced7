/** The tree of the running cluster. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import { byKind, readObjects } from './cluster-objects.ts';
import type { ClusterObject } from './cluster-objects.ts';

const run = promisify(execFile);

/** Kinds that people look for. */
const shown = [
  'deployments',
  'statefulsets',
  'daemonsets',
  'jobs',
  'pods',
  'services',
  'configmaps',
  'persistentvolumeclaims',
];
const interval = 3_000;

type Node = { readonly kind: string; readonly objects: readonly ClusterObject[] } | ClusterObject;

export class ClusterView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  #groups: ReadonlyMap<string, readonly ClusterObject[]> = new Map();
  #last = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly command: () => readonly [string, ...string[]],
    readonly context: () => string,
    readonly report: (message: string) => void,
  ) {}

  /** Asks again and again while somebody looks. */
  watch(visible: boolean): void {
    clearInterval(this.#timer);
    if (!visible) return;
    void this.refresh();
    this.#timer = setInterval(() => void this.refresh(), interval);
  }

  async refresh(): Promise<void> {
    const [program, ...words] = this.command();
    const groups = await Promise.all(
      shown.map(async (kind) => {
        const { stdout } = await run(
          program,
          [...words, 'get', kind, '-A', '-o', 'json', '--context', this.context()],
          { timeout: 10_000 },
        );
        return readObjects(stdout);
      }),
    ).catch((error: unknown) => {
      this.report(error instanceof Error ? error.message : String(error));
      return [];
    });
    const objects = groups.flat().filter(({ namespace }) => namespace !== 'kube-system');
    const content = JSON.stringify(objects);
    if (content === this.#last) return;
    this.#last = content;
    this.#groups = byKind(objects);
    this.#changed.fire();
  }

  getChildren(node?: Node): Node[] {
    if (!node) return [...this.#groups].map(([kind, objects]) => ({ kind, objects }));
    return 'objects' in node ? [...node.objects] : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ('objects' in node) {
      const item = new vscode.TreeItem(node.kind, vscode.TreeItemCollapsibleState.Expanded);
      item.description = String(node.objects.length);
      return item;
    }
    const item = new vscode.TreeItem(node.name, vscode.TreeItemCollapsibleState.None);
    item.description = node.status;
    item.tooltip = `${node.kind} ${node.namespace}/${node.name}`;
    item.contextValue = node.kind.toLowerCase();
    item.iconPath = new vscode.ThemeIcon(node.healthy ? 'pass' : 'warning');
    return item;
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#changed.dispose();
  }
}
