/** What a program exported -> plain objects. Runs inside the evaluation worker. */
import { isRecord } from '../shared/deep.ts';
import { isImageBuild } from '../shared/image-build.ts';
import type { ImageBuild } from '../shared/image-build.ts';
import { sourceOf } from '../types/builder.ts';
import type { CallFrame } from '../types/builder.ts';
import { pathText } from '../types/field-issue.ts';
import type { FieldPath } from '../types/field-issue.ts';
import { itemsOfList } from '../types/list-items.ts';
import type { ProgramEnvironment } from './program-environment.ts';
import { originOf } from './manifest-origin.ts';
import type { ManifestOrigin } from './manifest-origin.ts';

export interface CollectedObject {
  /** Plain data: no prototypes, no undefined. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly frames: readonly CallFrame[];
  /** The calls that patched it since, first to last. */
  readonly patches: readonly (readonly CallFrame[])[];
  /** Fields that were given as undefined, and so are left out. */
  readonly left: readonly FieldPath[];
  /** Given whole, by `raw` or by a file, and not through a builder. */
  readonly whole: boolean;
  /** The file of manifests that it was read from. */
  readonly origin?: ManifestOrigin | undefined;
  /** Where in the default export it was found. */
  readonly place: FieldPath;
}
export interface ExportIssue {
  readonly message: string;
  readonly frames: readonly CallFrame[];
  /** Of the object, or of what stands in an object's stead, in the default export. */
  readonly place: FieldPath;
  /** Of the field in the object; empty for what is no object. */
  readonly path: FieldPath;
}
export interface Collected {
  readonly objects: readonly CollectedObject[];
  readonly issues: readonly ExportIssue[];
  /** Absolute paths of files and folders that the program has read through helpers. */
  readonly reads: readonly string[];
  /** Images that its helpers want to be built. */
  readonly images: readonly CollectedImage[];
  /** What the program looked at besides its sources and `reads`, such as `Date`; see purity.ts. */
  readonly outside: string | undefined;
}
export interface CollectedImage {
  readonly build: ImageBuild;
  readonly frames: readonly CallFrame[];
}

/** What the program noted while it ran. */
function noted(): Pick<Collected, 'reads' | 'images' | 'outside'> {
  const program: unknown = Reflect.get(globalThis, Symbol.for('kubewright.program'));
  const { reads, images, outside } = isRecord(program) ? program : {};
  return {
    outside: typeof outside === 'string' ? outside : undefined,
    reads: reads instanceof Set ? [...reads].filter((path) => typeof path === 'string') : [],
    images: images instanceof Map ? [...images.values()].filter(isCollectedImage) : [],
  };
}

function isCollectedImage(value: unknown): value is CollectedImage {
  return isRecord(value) && isImageBuild(value['build']) && Array.isArray(value['frames']);
}

const deepest = 200;

class Collector {
  readonly objects: CollectedObject[] = [];
  readonly issues: ExportIssue[] = [];
  readonly #collected = new Set<object>();

  constructor(readonly program: string) {}

  /** Walks arrays and records down to objects of the API. */
  visit(value: unknown, place: FieldPath, ancestors: readonly object[]): void {
    if (value === undefined || value === null || value === false) return;
    if (typeof value !== 'object') return this.#misplaced(value, place);
    if (ancestors.includes(value)) return this.#refuse(`${exportText(place)} contains itself`, place);
    if (ancestors.length > deepest)
      return this.#refuse(`the default export is nested more than ${deepest} levels deep`, place.slice(0, 4));
    const inside = [...ancestors, value];
    if (Array.isArray(value)) value.forEach((item: unknown, index) => this.visit(item, [...place, index], inside));
    else if (isApiObject(value)) {
      // As kubectl does: a List, also one of a kind, is the objects in it.
      const items = itemsOfList(value);
      if (items) this.visit(items, [...place, 'items'], inside);
      else this.#take(value, place);
    } else if (!isPlain(value)) this.#misplaced(value, place);
    else {
      const lacking = lackOf(value);
      if (lacking !== undefined) return this.#refuse(`${exportText(place)} ${lacking}`, place);
      for (const [key, child] of Object.entries(value)) this.visit(child, [...place, key], inside);
    }
  }

  #refuse(message: string, place: FieldPath): void {
    this.issues.push({ message, frames: [], place, path: [] });
  }

  #misplaced(value: unknown, place: FieldPath): void {
    const expected = 'expected an object of the API, or an array or record of them';
    this.#refuse(`${exportText(place)} is ${describe(value)}; ${expected}`, place);
  }

  #take(object: object, place: FieldPath): void {
    // The same object reached twice (exported by name and in a list) is meant once.
    if (this.#collected.has(object)) return;
    this.#collected.add(object);
    // Frames of Node and of this package lead nowhere, and copying them to the other thread costs; but the first one
    // tells whether the program itself called the builder.
    const frames = sourceOf(object).filter(({ file }, index) => index === 0 || file === this.program);
    const before = this.issues.length;
    const copy = new Copy((what, path) => {
      const message = path.length === 0 ? `the object is ${what}` : `is ${what}`;
      this.issues.push({ message, frames, place, path });
    });
    const value = copy.of(object, [], []);
    const origin = originOf(object);
    const whole = origin !== undefined || Reflect.get(object, Symbol.for('kubewright.raw')) === true;
    if (this.issues.length === before && isRecord(value))
      this.objects.push({ value, frames, patches: patchesOf(object), left: copy.left, whole, origin, place });
  }
}

/** Kept by `patched` under a symbol, as the builders keep their calls. */
function patchesOf(object: object): readonly (readonly CallFrame[])[] {
  const patches: unknown = Reflect.get(object, Symbol.for('kubewright.patches'));
  return Array.isArray(patches) ? patches.filter((frames: unknown) => Array.isArray(frames)) : [];
}

function exportText(place: FieldPath): string {
  return place.length === 0 ? 'the default export' : `${pathText(place)} of the default export`;
}

/** A plain copy of an object's data; what has no place in a manifest is refused. */
class Copy {
  readonly left: FieldPath[] = [];

  constructor(readonly refuse: (what: string, path: FieldPath) => void) {}

  of(value: unknown, path: FieldPath, ancestors: readonly object[]): unknown {
    if (typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'string')
      return isText(value) ? value : this.refuse('text with half a character in it (a lone surrogate)', path);
    if (typeof value === 'number') {
      if (Number.isFinite(value)) return value;
      return this.refuse(`${String(value)}, which neither JSON nor YAML for Kubernetes can hold`, path);
    }
    if (typeof value !== 'object') return this.refuse(`${describe(value)}, which has no place in a manifest`, path);
    if (ancestors.includes(value)) return this.refuse('part of itself: the object is cyclic', path);
    if (ancestors.length > deepest) return this.refuse(`nested more than ${deepest} levels deep`, path.slice(0, 4));
    const inside = [...ancestors, value];
    if (Array.isArray(value)) return this.#items(value, path, inside);
    if (!isPlain(value)) return this.refuse(`${describe(value)}, which has no place in a manifest`, path);
    const symbol = Object.getOwnPropertySymbols(value).find((key) => isForeign(value, key));
    if (symbol) return this.refuse(`an object with the key ${String(symbol)}, which has no place in a manifest`, path);
    const copy: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(value))
      if (!isText(key)) this.refuse('an object whose key has half a character in it (a lone surrogate)', path);
      else if (child === undefined) this.left.push([...path, key]);
      else setOwn(copy, key, this.of(child, [...path, key], inside));
    return copy;
  }

  #items(list: readonly unknown[], path: FieldPath, inside: readonly object[]): unknown {
    // Unlike map, this also sees the holes.
    return Array.from(list, (item, index) =>
      item === undefined ? this.refuse('undefined', [...path, index]) : this.of(item, [...path, index], inside),
    );
  }
}

/** The builders keep what they know of an object under symbols of their own. */
function isForeign(value: object, key: symbol): boolean {
  return (
    Object.prototype.propertyIsEnumerable.call(value, key) && Symbol.keyFor(key)?.startsWith('kubewright.') !== true
  );
}

/** Whether UTF-8, and so YAML and JSON of other languages, can hold it. */
function isText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}

function isApiObject(value: object): boolean {
  return (
    'apiVersion' in value && 'kind' in value && typeof value.apiVersion === 'string' && typeof value.kind === 'string'
  );
}

/** Of a record that was meant as an object of the API: what it lacks to be one. */
function lackOf(value: object): string | undefined {
  const { apiVersion, kind, metadata }: { apiVersion?: unknown; kind?: unknown; metadata?: unknown } = value;
  if (typeof apiVersion !== 'string' && typeof kind !== 'string') return undefined;
  if (typeof apiVersion !== 'string' && !isRecord(metadata)) return undefined;
  const name = typeof apiVersion === 'string' ? 'kind' : 'apiVersion';
  const given: unknown = Reflect.get(value, name);
  const lack = given === undefined ? `has no ${name}` : `has ${describe(given)} as its ${name}`;
  return `${lack}; an object of the API says its apiVersion and its kind`;
}

/** Object literals, also of another realm, and what the builders make; not Dates, Maps, class instances. */
function isPlain(value: object): boolean {
  if (Object.prototype.toString.call(value) !== '[object Object]') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  // Handles of builders are plain objects one level up.
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === Object.prototype &&
    !Object.hasOwn(prototype, 'constructor')
  );
}

/** Taken before programs are watched: looking at `Function` is theirs to answer for. */
const sourceText: (this: object) => string = Function.prototype.toString;

function isClass(value: object): boolean {
  return /^class\b/.test(sourceText.call(value));
}

function describe(value: unknown): string {
  if (typeof value === 'function') {
    const what = isClass(value) ? 'a class' : 'a function';
    return `${what}${value.name === '' ? '' : ` (${value.name})`}`;
  }
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'symbol') return 'a symbol';
  if (value instanceof Promise) return 'a promise that nothing awaited';
  if (typeof value === 'object' && value !== null) {
    if (typeof Reflect.get(value, 'next') === 'function') return 'an iterator (write [...it] for what it gives)';
    const name: unknown = value.constructor?.name;
    return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class'}`;
  }
  return JSON.stringify(value) ?? String(value);
}

export type { ProgramEnvironment } from './program-environment.ts';

/** Calls what is a function with the environment, awaits what is a promise, and gathers the objects. */
export async function collectExports(
  exported: unknown,
  environment: ProgramEnvironment,
  program: string,
  outside: () => string | undefined,
): Promise<Collected> {
  let value: unknown = exported;
  if (typeof value === 'function' && !isClass(value)) value = Reflect.apply(value, undefined, [environment]);
  value = await value;
  const collector = new Collector(program);
  if (value === undefined || value === null) {
    collector.issues.push({
      message:
        exported === undefined
          ? 'the program has no default export; write "export default [...]" with the objects to build'
          : `the default export is ${String(value)}; expected an object of the API, or an array or record of them`,
      frames: [],
      place: [],
      path: [],
    });
  } else {
    collector.visit(value, [], []);
    if (collector.objects.length === 0 && collector.issues.length === 0)
      collector.issues.push({
        message: 'the default export holds no object of the API',
        frames: [],
        place: [],
        path: [],
      });
  }
  const own = noted();
  return { objects: collector.objects, issues: collector.issues, ...own, outside: own.outside ?? outside() };
}
