/** Sets of field paths, as server-side apply records who owns what (fieldsV1; KEP-555). */
import { isRecord, type JsonObject } from '../../../shared/deep.ts';

/**
 * One step of a path in its serialized form: `f:name` a field or map key, `k:{"name":"a"}` an item by its keys,
 * `v:"a"` an item of a set by its value, `i:0` an item by position.
 */
export type PathElement = string;

interface Node {
  /** Whether the path that ends here is itself in the set, and not only paths below it. */
  member: boolean;
  children: FieldSet | undefined;
}

const kindOrder = 'fkvi';

function keyFields(element: PathElement): readonly (readonly [string, unknown])[] {
  const parsed: unknown = JSON.parse(element.slice(2));
  return isRecord(parsed) ? Object.entries(parsed) : [];
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return compareText(JSON.stringify(a), JSON.stringify(b));
}

/** Upstream's order: field names, then keys, then values, then positions. */
function compareElements(a: PathElement, b: PathElement): number {
  const kind = a.charAt(0);
  if (kind !== b.charAt(0)) return kindOrder.indexOf(kind) - kindOrder.indexOf(b.charAt(0));
  if (kind === 'f') return compareText(a, b);
  if (kind === 'i') return Number(a.slice(2)) - Number(b.slice(2));
  if (kind === 'v') return compareValues(JSON.parse(a.slice(2)), JSON.parse(b.slice(2)));
  const left = keyFields(a);
  const right = keyFields(b);
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (!other) return 1;
    const order = compareText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** How a path element reads in messages: `.image`, `[name="a"]`, `[="x"]`, `[0]`. */
function elementText(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.charAt(0)) {
    case 'f':
      return `.${rest}`;
    case 'k':
      return `[${keyFields(element)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(',')}]`;
    case 'v':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}

export function fieldPathText(path: readonly PathElement[]): string {
  return path.map(elementText).join('');
}

export class FieldSet {
  readonly #nodes = new Map<PathElement, Node>();

  get isEmpty(): boolean {
    return this.#nodes.size === 0;
  }

  insert(path: readonly PathElement[]): void {
    let set: FieldSet = this;
    for (const [i, element] of path.entries()) {
      const node = set.#node(element);
      if (i === path.length - 1) node.member = true;
      else set = node.children ??= new FieldSet();
    }
  }

  /** Whether the one-step path is in the set. */
  hasElement(element: PathElement): boolean {
    return this.#nodes.get(element)?.member ?? false;
  }
  /** The paths below an element, without it. */
  below(element: PathElement): FieldSet | undefined {
    return this.#nodes.get(element)?.children;
  }
  elements(): Iterable<PathElement> {
    return this.#nodes.keys();
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty || this.#covers(other)) return this;
    if (this.isEmpty) return other;
    const result = new FieldSet();
    for (const [element, node] of this.#nodes) {
      const match = other.#nodes.get(element);
      const children =
        node.children && match?.children ? node.children.union(match.children) : (node.children ?? match?.children);
      result.#nodes.set(element, { member: node.member || (match?.member ?? false), children });
    }
    for (const [element, node] of other.#nodes) if (!this.#nodes.has(element)) result.#nodes.set(element, { ...node });
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const [element, node] of this.#nodes) {
      const match = other.#nodes.get(element);
      if (match) {
        const children = node.children && match.children && node.children.intersection(match.children);
        result.#keep(element, node.member && match.member, children);
      }
    }
    return result;
  }

  difference(other: FieldSet): FieldSet {
    if (other.isEmpty || this.isEmpty) return this;
    const result = new FieldSet();
    let same = true;
    for (const [element, node] of this.#nodes) {
      const match = other.#nodes.get(element);
      const children = match?.children ? node.children?.difference(match.children) : node.children;
      const member = node.member && !match?.member;
      same &&= member === node.member && children === node.children;
      result.#keep(element, member, children);
    }
    return same ? this : result;
  }

  /** Whether a union with the other set would add nothing. */
  #covers(other: FieldSet): boolean {
    for (const [element, { member, children }] of other.#nodes) {
      const own = this.#nodes.get(element);
      if (!own || (member && !own.member)) return false;
      if (children && !children.isEmpty && !(own.children ?? emptySet).#covers(children)) return false;
    }
    return true;
  }

  /** The set without these paths and everything below them. */
  without(paths: readonly (readonly PathElement[])[]): FieldSet {
    let result: FieldSet = this;
    for (const path of paths) result = result.#without(path, 0);
    return result;
  }

  equals(other: FieldSet): boolean {
    if (this.#nodes.size !== other.#nodes.size) return false;
    for (const [element, node] of this.#nodes) {
      const match = other.#nodes.get(element);
      if (!match || match.member !== node.member) return false;
      const own = node.children ?? emptySet;
      if (!own.equals(match.children ?? emptySet)) return false;
    }
    return true;
  }

  /** Every path of the set in upstream's order. */
  *paths(prefix: readonly PathElement[] = []): Generator<readonly PathElement[]> {
    const sorted = this.#sorted();
    for (const [element, node] of sorted) if (node.member) yield [...prefix, element];
    for (const [element, node] of sorted) if (node.children) yield* node.children.paths([...prefix, element]);
  }

  /** The fieldsV1 object. */
  toFields(): JsonObject {
    const fields: Record<string, JsonObject> = {};
    for (const [element, node] of this.#sorted()) {
      if (!node.children || node.children.isEmpty) fields[element] = {};
      else fields[element] = node.member ? { '.': {}, ...node.children.toFields() } : node.children.toFields();
    }
    return fields;
  }

  /** @throws Error when the value is no fieldsV1 object. */
  static fromFields(fields: unknown): FieldSet {
    if (!isRecord(fields)) throw new Error('fieldsV1 must be an object');
    const set = new FieldSet();
    for (const [element, below] of Object.entries(fields)) {
      if (element === '.') continue;
      if (!/^(f:|k:\{|v:.|i:-?\d)/.test(element))
        throw new Error(`${JSON.stringify(element)} is no field path element`);
      // What is malformed must show here and not when the set is printed.
      if (element.startsWith('k') || element.startsWith('v')) JSON.parse(element.slice(2));
      const children = FieldSet.fromFields(below);
      const member = children.isEmpty || (isRecord(below) && '.' in below);
      set.#nodes.set(element, { member, children: children.isEmpty ? undefined : children });
    }
    return set;
  }

  #node(element: PathElement): Node {
    let node = this.#nodes.get(element);
    if (!node) this.#nodes.set(element, (node = { member: false, children: undefined }));
    return node;
  }
  #keep(element: PathElement, member: boolean, children: FieldSet | undefined): void {
    const kept = children && !children.isEmpty ? children : undefined;
    if (member || kept) this.#nodes.set(element, { member, children: kept });
  }
  #without(path: readonly PathElement[], depth: number): FieldSet {
    const element = path[depth];
    const found = element === undefined ? undefined : this.#nodes.get(element);
    if (element === undefined || !found) return this;
    const result = new FieldSet();
    for (const [key, node] of this.#nodes) {
      if (key !== element) result.#nodes.set(key, node);
      else if (depth < path.length - 1) {
        const { member, children } = node;
        result.#keep(key, member, children && children.#without(path, depth + 1));
      }
    }
    return result;
  }
  #sorted(): readonly (readonly [PathElement, Node])[] {
    return [...this.#nodes].sort(([a], [b]) => compareElements(a, b));
  }
}

const emptySet = new FieldSet();
