/** The object that a place of a document belongs to. */
import type { KindDefinition } from '../types/define-kind.ts';
import type { Registry } from '../types/registry.ts';
import { childOf, pathOf } from './outline.ts';
import type { OutlineNode } from './outline.ts';

export interface ObjectView {
  /** The document's value, or an item of a list of objects. */
  readonly node: OutlineNode;
  readonly apiVersion: string | undefined;
  readonly kindName: string | undefined;
  readonly kind: KindDefinition | undefined;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

export function textAt(node: OutlineNode | undefined, ...path: readonly (string | number)[]): string | undefined {
  const found = path.reduce<OutlineNode | undefined>((at, step) => childOf(at, step), node);
  return found?.form === 'scalar' && found.text !== '' ? found.text : undefined;
}

/** Without an apiVersion, the kind of that name, if there is one only. */
function kindOf(
  registry: Registry,
  apiVersion: string | undefined,
  kindName: string | undefined,
): KindDefinition | undefined {
  if (kindName === undefined) return undefined;
  if (apiVersion !== undefined) return registry.kind(apiVersion, kindName);
  const named = [...registry.all()].filter(({ kind }) => kind === kindName);
  return named.length === 1 ? named[0] : undefined;
}

function viewOf(node: OutlineNode, registry: Registry): ObjectView {
  const apiVersion = textAt(node, 'apiVersion');
  const kindName = textAt(node, 'kind');
  return {
    node,
    apiVersion,
    kindName,
    kind: kindOf(registry, apiVersion, kindName),
    name: textAt(node, 'metadata', 'name'),
    namespace: textAt(node, 'metadata', 'namespace'),
  };
}

function isList(node: OutlineNode): boolean {
  return (textAt(node, 'kind') ?? '').endsWith('List') && childOf(node, 'items')?.form === 'list';
}

export function objectAround(node: OutlineNode, registry: Registry): ObjectView {
  const chain: OutlineNode[] = [];
  for (let at: OutlineNode | undefined = node; at; at = at.parent) chain.unshift(at);
  let index = 0;
  while (chain[index + 2] && isList(chain[index] ?? node) && chain[index + 1]?.step === 'items') index += 2;
  return viewOf(chain[index] ?? node, registry);
}

export function objectsIn(root: OutlineNode, registry: Registry): readonly ObjectView[] {
  if (isList(root)) return (childOf(root, 'items')?.children ?? []).flatMap((item) => objectsIn(item, registry));
  return root.form === 'map' ? [viewOf(root, registry)] : [];
}

/** Steps from the object to a place in it. */
export function pathInObject(view: ObjectView, node: OutlineNode): readonly (string | number)[] {
  return pathOf(node).slice(pathOf(view.node).length);
}
