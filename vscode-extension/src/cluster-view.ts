/** The tree of the running cluster. */
import * as vscode from 'vscode';
import type { ClusterLink } from './cluster-link.ts';
import type { Group, Row } from './cluster-rows.ts';

type Node = Group | Row;
const icons = { ready: 'pass', waiting: 'loading~spin', failed: 'error' } as const;

export class ClusterView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  #link: ClusterLink | undefined;
  #timer: NodeJS.Timeout | undefined;

  show(link: ClusterLink): void {
    this.#link = link;
  }

  /** Many changes of one moment are drawn once. */
  draw(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire();
    }, 50);
  }

  getChildren(node?: Node): Node[] {
    if (!node) return [...(this.#link?.rows.groups() ?? [])];
    return 'rows' in node ? [...node.rows] : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ('rows' in node) {
      const item = new vscode.TreeItem(node.kind.kind, vscode.TreeItemCollapsibleState.Expanded);
      item.id = node.kind.id;
      item.description = String(node.rows.length);
      return item;
    }
    const item = new vscode.TreeItem(node.name, vscode.TreeItemCollapsibleState.None);
    item.id = node.uid;
    item.description = node.detail;
    item.tooltip = `${node.namespace}/${node.name}: ${node.detail === '' ? node.health : node.detail}`;
    item.contextValue = this.#link?.rows.kindOf(node)?.kind.toLowerCase() ?? '';
    item.iconPath = new vscode.ThemeIcon(icons[node.health]);
    item.command = { command: 'kubewright.showObject', title: 'Show Object', arguments: [node] };
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#changed.dispose();
  }
}
