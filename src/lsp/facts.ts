/** What a document declares and what it names, with places: enough to answer every question that goes across files. */
import type { Registry } from '../types/registry.ts';
import { childOf } from './outline.ts';
import type { OutlineNode, Span } from './outline.ts';
import { objectsIn, textAt } from './object-view.ts';
import type { ObjectView } from './object-view.ts';
import { referenceTable } from './reference-table.ts';
import type { Naming } from './reference-table.ts';
import { labelPairs, podSelectorAt, selectedPairs, selectsPods } from './selector-at.ts';
import type { LabelPlace, PodSelector } from './selector-at.ts';
import { placeOfKind, stepInto } from './schema-place.ts';
import type { SchemaPlace } from './schema-place.ts';

export type Labels = Readonly<Record<string, string>>;

/** Where a label's key and its value stand; undefined for a key that stands for several values. */
export interface LabelSpans {
  readonly keySpan: Span | undefined;
  readonly valueSpan: Span;
}

/** Something that has a name. Two facts with one `symbol` mean the same thing. */
export interface Fact {
  readonly role: 'declares' | 'names';
  readonly what: 'object' | 'key' | 'service-port' | 'volume' | 'container-port' | 'label';
  readonly symbol: string;
  /** Only within the document. */
  readonly local: boolean;
  readonly name: string;
  /** The name alone, quotes included. */
  readonly span: Span;
  /** What it is the name of. */
  readonly whole: Span;
  /** `ConfigMap settings`, for lists. */
  readonly title: string;
  /** Of labels. */
  readonly label?: LabelSpans;
}

/** A selector of pods of a namespace. */
export interface SelectorFact {
  readonly selector: PodSelector;
  readonly namespace: string;
  /** The key that it stands under: `selector`, `podSelector`. */
  readonly span: Span;
  readonly whole: Span;
  /** A controller's own, which makes the pods itself. */
  readonly own: boolean;
  /** Written with braces on the line of its key. */
  readonly flow: boolean;
}

/** A Service's `targetPort: http`, or the port's own name: they belong together where the labels fit. */
export interface PortFact {
  readonly name: string;
  readonly span: Span;
  readonly namespace: string;
  /** Of the pods that have the port; of the Service the selector. */
  readonly labels: Labels;
  readonly role: 'declares' | 'names';
}

export interface ObjectFact {
  readonly apiVersion: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly span: Span;
  readonly whole: Span;
  readonly labels: Labels;
  /** Of its pods; undefined where it has none. */
  readonly podLabels: Labels | undefined;
  readonly ports: readonly string[];
  readonly keys: readonly string[];
}

export interface Facts {
  readonly facts: readonly Fact[];
  readonly ports: readonly PortFact[];
  readonly objects: readonly ObjectFact[];
  readonly selectors: readonly SelectorFact[];
}

export const clusterScope = '*';

function normalNamespace(namespace: string | undefined): string {
  return namespace === 'default' || namespace === undefined ? '' : namespace;
}

export function objectSymbol(group: string, kind: string, namespace: string, name: string): string {
  return `object|${group}|${kind}|${namespace}|${name}`;
}

export function labelsAt(node: OutlineNode | undefined): Labels {
  return Object.fromEntries((node?.children ?? []).map((child) => [String(child.step), child.text]));
}

export class FactReader {
  readonly #facts: Fact[] = [];
  readonly #ports: PortFact[] = [];
  readonly #objects: ObjectFact[] = [];
  readonly #selectors: SelectorFact[] = [];

  constructor(
    readonly registry: Registry,
    /** What a kustomization says; undefined without. */
    readonly namespace: string | undefined,
  ) {}

  read(root: OutlineNode): Facts {
    for (const view of objectsIn(root, this.registry)) this.#object(view);
    return { facts: this.#facts, ports: this.#ports, objects: this.#objects, selectors: this.#selectors };
  }

  namespaceOf(view: ObjectView): string {
    if (view.kind?.scope === 'Cluster') return clusterScope;
    return normalNamespace(this.namespace ?? view.namespace);
  }

  #object(view: ObjectView): void {
    const { node, kindName, apiVersion = '' } = view;
    if (kindName === undefined) return;
    const namespace = this.namespaceOf(view);
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const nameNode = childOf(childOf(node, 'metadata'), 'name');
    const pods: { labels: Labels; spec: OutlineNode }[] = [];
    if (view.kind) this.#walk(node, placeOfKind(view.kind), { view, namespace, pods, selector: undefined });
    for (const { labels, spec } of pods) this.#containerPorts(spec, labels, namespace);
    if (nameNode?.form !== 'scalar') return;
    const name = nameNode.text;
    const whole = { start: node.children[0]?.start ?? node.start, end: node.value.end };
    const title = `${kindName} ${name}`;
    const symbol = objectSymbol(group, kindName, namespace, name);
    this.#facts.push({
      role: 'declares',
      what: 'object',
      symbol,
      local: false,
      name,
      span: nameNode.value,
      whole,
      title,
    });
    const keys = this.#keys(view, symbol, title);
    const ports = this.#servicePorts(view, symbol, title);
    const podLabels = pods[0]?.labels;
    const labels = labelsAt(childOf(childOf(node, 'metadata'), 'labels'));
    this.#objects.push({
      apiVersion,
      group,
      kind: kindName,
      namespace,
      name,
      span: nameNode.value,
      whole,
      labels,
      podLabels,
      ports,
      keys,
    });
  }

  #keys({ node, kind }: ObjectView, symbol: string, title: string): readonly string[] {
    if (kind?.typeName !== 'v1.ConfigMap' && kind?.typeName !== 'v1.Secret') return [];
    const pairs = ['data', 'stringData', 'binaryData'].flatMap((field) => childOf(node, field)?.children ?? []);
    for (const { key, step, start, value } of pairs) {
      if (!key) continue;
      const whole = { start, end: value.end };
      const name = String(step);
      const fact = {
        symbol: `${symbol}|${name}`,
        local: false,
        name,
        span: key,
        whole,
        title: `${title}, key ${name}`,
      };
      this.#facts.push({ role: 'declares', what: 'key', ...fact });
    }
    return pairs.map(({ step }) => String(step));
  }

  #servicePorts({ node, kind }: ObjectView, symbol: string, title: string): readonly string[] {
    if (kind?.typeName !== 'v1.Service') return [];
    const names: string[] = [];
    for (const port of childOf(childOf(node, 'spec'), 'ports')?.children ?? []) {
      for (const field of ['name', 'port']) {
        const named = childOf(port, field);
        if (named?.form !== 'scalar') continue;
        names.push(named.text);
        const whole = { start: port.start, end: port.value.end };
        const own = {
          symbol: `${symbol}|port|${named.text}`,
          local: false,
          name: named.text,
          span: named.value,
          whole,
        };
        this.#facts.push({ role: 'declares', what: 'service-port', ...own, title: `${title}, port ${named.text}` });
      }
    }
    return names;
  }

  #containerPorts(spec: OutlineNode, labels: Labels, namespace: string): void {
    for (const list of ['containers', 'initContainers']) {
      for (const container of childOf(spec, list)?.children ?? []) {
        for (const port of childOf(container, 'ports')?.children ?? []) {
          const name = childOf(port, 'name');
          if (name?.form !== 'scalar') continue;
          const whole = { start: port.start, end: port.value.end };
          const symbol = `container-port|${container.start}|${name.text}`;
          const title = `port ${name.text} of container ${textAt(container, 'name') ?? ''}`;
          this.#facts.push({
            role: 'declares',
            what: 'container-port',
            symbol,
            local: true,
            name: name.text,
            span: name.value,
            whole,
            title,
          });
          this.#ports.push({ name: name.text, span: name.value, namespace, labels, role: 'declares' });
        }
      }
    }
  }

  #walk(node: OutlineNode, place: SchemaPlace, context: WalkContext): void {
    let inner = context;
    if (place.typeName === 'v1.ServiceSpec') inner = { ...context, selector: labelsAt(childOf(node, 'selector')) };
    if (place.typeName === 'networking.k8s.io/v1.NetworkPolicySpec')
      inner = { ...context, selector: labelsAt(childOf(childOf(node, 'podSelector'), 'matchLabels')) };
    if (place.typeName === 'v1.PodTemplateSpec' || place.typeName === 'v1.Pod') this.#pod(node, inner);
    if (place.typeName === 'v1.PodSpec') this.#volumes(node, childOf(node, 'volumes')?.children ?? []);
    if (place.typeName === 'apps/v1.StatefulSetSpec') this.#claimTemplates(node);
    const table = place.typeName === undefined ? undefined : referenceTable[place.typeName];
    for (const child of node.children) {
      if (child.unfinished) continue;
      const naming = child.form === 'scalar' ? table?.[String(child.step)]?.(node) : undefined;
      if (naming) this.#names(naming, child, inner);
      if (selectsPods(place.typeName, child.step)) this.#selected(place.typeName, child, inner);
      const next = stepInto(place, child.step);
      if (next && child.children.length > 0) this.#walk(child, next, inner);
    }
  }

  #pod(node: OutlineNode, { namespace, pods }: WalkContext): void {
    const spec = childOf(node, 'spec');
    const labelsNode = childOf(childOf(node, 'metadata'), 'labels');
    const labels = labelsAt(labelsNode);
    if (spec) pods.push({ labels, spec });
    for (const pair of labelPairs(labelsNode)) this.#label('declares', pair, namespace);
  }

  #selected(typeName: string | undefined, node: OutlineNode, { namespace, view }: WalkContext): void {
    const selector = podSelectorAt(typeName, node);
    if (!selector || !node.key) return;
    for (const pair of selectedPairs(typeName, node)) this.#label('names', pair, namespace);
    const own = view.kind?.podTemplate !== undefined && node.step === 'selector';
    const whole = { start: node.start, end: node.value.end };
    this.#selectors.push({ selector, namespace, span: node.key, whole, own, flow: node.flow });
  }

  #label(role: Fact['role'], { key, value, span, keySpan, valueSpan }: LabelPlace, namespace: string): void {
    const name = `${key}=${value}`;
    this.#facts.push({
      role,
      what: 'label',
      symbol: `label|${namespace}|${name}`,
      local: false,
      name,
      span,
      whole: span,
      title: `label ${name}`,
      label: { keySpan, valueSpan },
    });
  }

  /** Claims that a StatefulSet makes are volumes of its pods. */
  #claimTemplates(node: OutlineNode): void {
    const spec = childOf(childOf(node, 'template'), 'spec');
    const claims = childOf(node, 'volumeClaimTemplates')?.children ?? [];
    if (spec) this.#volumes(spec, claims, 'metadata');
  }

  #volumes(spec: OutlineNode, volumes: readonly OutlineNode[], holder?: string): void {
    for (const volume of volumes) {
      const name = childOf(holder === undefined ? volume : childOf(volume, holder), 'name');
      if (name?.form !== 'scalar') continue;
      const whole = { start: volume.start, end: volume.value.end };
      const symbol = `volume|${spec.start}|${name.text}`;
      this.#facts.push({
        role: 'declares',
        what: 'volume',
        symbol,
        local: true,
        name: name.text,
        span: name.value,
        whole,
        title: `volume ${name.text}`,
      });
    }
  }

  #names(naming: Naming, node: OutlineNode, context: WalkContext): void {
    const fact = { name: node.text, span: node.value, whole: node.value };
    if (naming.what === 'target-port') {
      const { selector, namespace } = context;
      if (selector) this.#ports.push({ name: node.text, span: node.value, namespace, labels: selector, role: 'names' });
      return;
    }
    const symbol = symbolOf(naming, node, context.namespace);
    if (symbol === undefined) return;
    const local = naming.what === 'volume' || naming.what === 'container-port';
    const title =
      naming.what === 'object' ? `${naming.target.kind} ${node.text}` : `${naming.what.replace('-', ' ')} ${node.text}`;
    this.#facts.push({ role: 'names', what: naming.what, symbol, local, title, ...fact });
  }
}

interface WalkContext {
  readonly view: ObjectView;
  readonly namespace: string;
  readonly pods: { labels: Labels; spec: OutlineNode }[];
  readonly selector: Labels | undefined;
}

function nearestAbove(node: OutlineNode, list: RegExp): OutlineNode | undefined {
  for (let at: OutlineNode | undefined = node; at; at = at.parent) {
    if (typeof at.step === 'number' && list.test(String(at.parent?.step))) return at;
  }
  return undefined;
}

export const containerLists = /^(?:containers|initContainers|ephemeralContainers)$/;

/** The container that a place belongs to. */
export function containerAround(node: OutlineNode): OutlineNode | undefined {
  return nearestAbove(node, containerLists);
}

export function symbolOf(naming: Naming, node: OutlineNode, namespace: string, name = node.text): string | undefined {
  switch (naming.what) {
    case 'object': {
      const { target } = naming;
      const within = naming.namespace === undefined ? namespace : normalNamespace(naming.namespace);
      return objectSymbol(target.group, target.kind, target.namespaced ? within : clusterScope, name);
    }
    case 'key':
      return `${objectSymbol(naming.target.group, naming.target.kind, namespace, naming.name)}|${name}`;
    case 'service-port':
      return `${objectSymbol(naming.target.group, naming.target.kind, namespace, naming.name)}|port|${name}`;
    case 'volume': {
      const spec = containerAround(node)?.parent?.parent;
      return spec ? `volume|${spec.start}|${name}` : undefined;
    }
    case 'container-port': {
      const container = containerAround(node);
      return container ? `container-port|${container.start}|${name}` : undefined;
    }
    case 'target-port':
      return undefined;
  }
}

/** Whether all pairs of a selector are among the labels. */
export function selects(selector: Labels, labels: Labels): boolean {
  const pairs = Object.entries(selector);
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value);
}
