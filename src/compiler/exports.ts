/** What a program exported -> plain objects. Runs inside the evaluation worker. */
import { isRecord } from '../shared/deep.ts';
import { sourceOf } from '../types/builder.ts';
import type { CallFrame } from '../types/builder.ts';

export interface CollectedObject {
  /** Plain data: no prototypes, no undefined. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly frames: readonly CallFrame[];
  /** Where in the export it was found, `default[2]`. */
  readonly place: string;
}
export interface ExportIssue {
  readonly message: string;
  readonly frames: readonly CallFrame[];
  /** Object and field, such as `spec.replicas`; empty for the export itself. */
  readonly path: string;
}
export interface Collected {
  readonly objects: readonly CollectedObject[];
  readonly issues: readonly ExportIssue[];
}

const deepest = 200;

class Collector {
  readonly objects: CollectedObject[] = [];
  readonly issues: ExportIssue[] = [];
  readonly #collected = new Set<object>();

  constructor(readonly program: string) {}

  /** Walks arrays and records down to objects of the API. */
  visit(value: unknown, place: string, ancestors: readonly object[]): void {
    if (value === undefined || value === null || value === false) return;
    if (typeof value !== 'object') {
      this.issues.push({
        message: `${place} is ${describe(value)}; expected an object of the API, or an array or record of them`,
        frames: [],
        path: '',
      });
      return;
    }
    if (ancestors.includes(value)) {
      this.issues.push({ message: `${place} contains itself`, frames: [], path: '' });
      return;
    }
    const inside = [...ancestors, value];
    if (Array.isArray(value)) value.forEach((item: unknown, index) => this.visit(item, `${place}[${index}]`, inside));
    else if (isApiObject(value)) this.#take(value, place);
    else if (isPlain(value))
      for (const [key, child] of Object.entries(value)) this.visit(child, `${place}.${key}`, inside);
    else
      this.issues.push({
        message: `${place} is ${describe(value)}; expected an object of the API, or an array or record of them`,
        frames: [],
        path: '',
      });
  }

  #take(object: object, place: string): void {
    // The same object reached twice (exported by name and in a list) is meant once.
    if (this.#collected.has(object)) return;
    this.#collected.add(object);
    // Frames of Node and of this package lead nowhere, and copying them to the other thread costs.
    const frames = sourceOf(object).filter(({ file }) => file === this.program);
    const before = this.issues.length;
    const value = this.#plain(object, '', [], frames);
    if (this.issues.length === before && isRecord(value)) this.objects.push({ value, frames, place });
  }

  #refuse(path: string, frames: readonly CallFrame[], what: string): undefined {
    this.issues.push({ message: `${path === '' ? 'the object' : path} is ${what}`, frames, path });
  }

  #plain(value: unknown, path: string, ancestors: readonly object[], frames: readonly CallFrame[]): unknown {
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value === 'number') {
      return Number.isFinite(value)
        ? value
        : this.#refuse(path, frames, `${String(value)}, which neither JSON nor YAML for Kubernetes can hold`);
    }
    if (typeof value !== 'object')
      return this.#refuse(path, frames, `${describe(value)}, which has no place in a manifest`);
    if (ancestors.includes(value)) return this.#refuse(path, frames, 'part of itself: the object is cyclic');
    if (ancestors.length > deepest) return this.#refuse(path, frames, `nested more than ${deepest} levels deep`);
    const inside = [...ancestors, value];
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) =>
        item === undefined
          ? this.#refuse(path, frames, `undefined at index ${index}`)
          : this.#plain(item, `${path}[${index}]`, inside, frames),
      );
    }
    if (!isPlain(value)) return this.#refuse(path, frames, `${describe(value)}, which has no place in a manifest`);
    const copy: Record<string, unknown> = {};
    for (const [key, child] of Object.entries(value)) {
      if (child !== undefined) copy[key] = this.#plain(child, path === '' ? key : `${path}.${key}`, inside, frames);
    }
    return copy;
  }
}

function isApiObject(value: object): boolean {
  return (
    'apiVersion' in value && 'kind' in value && typeof value.apiVersion === 'string' && typeof value.kind === 'string'
  );
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

function describe(value: unknown): string {
  if (typeof value === 'function') return `a function${value.name === '' ? '' : ` (${value.name})`}`;
  if (typeof value === 'bigint') return 'a bigint';
  if (typeof value === 'symbol') return 'a symbol';
  if (value instanceof Promise) return 'a promise that nothing awaited';
  if (typeof value === 'object' && value !== null) {
    const name: unknown = value.constructor?.name;
    return `an instance of ${typeof name === 'string' && name !== '' ? name : 'a class'}`;
  }
  return JSON.stringify(value) ?? String(value);
}

export interface ProgramEnvironment {
  /** `--env`, undefined without. */
  readonly name: string | undefined;
  /** `--set key=value`. */
  readonly values: Readonly<Record<string, string>>;
}

/** Calls what is a function with the environment, awaits what is a promise, and gathers the objects. */
export async function collectExports(
  exported: unknown,
  environment: ProgramEnvironment,
  program: string,
): Promise<Collected> {
  let value: unknown = exported;
  if (typeof value === 'function') value = Reflect.apply(value, undefined, [environment]);
  value = await value;
  const collector = new Collector(program);
  if (value === undefined || value === null) {
    collector.issues.push({
      message:
        exported === undefined
          ? 'the program has no default export; write "export default [...]" with the objects to build'
          : `the default export is ${String(value)}; expected an object of the API, or an array or record of them`,
      frames: [],
      path: '',
    });
  } else {
    collector.visit(value, 'default', []);
  }
  return { objects: collector.objects, issues: collector.issues };
}
