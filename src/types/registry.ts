/** Look-up of kinds. Built-in ones are there from the start, custom resources join and leave at run time. */
import type { KindBase, KindBehaviour, KindDefinition } from './define-kind.ts';
import { columnsOf } from './table.ts';
import type { KubeObject } from './meta.ts';
import { builtInSchemas } from './schema-table.ts';
import { kindsText } from './kinds/generated/kinds.gen.ts';
import type { ObjectSchema } from './schema.ts';

let bases: ReadonlyMap<string, KindBase> | undefined;

/** All kinds that upstream knows, by `apiVersion.Kind`. Immutable facts, parsed on first use. */
export function kindBases(): ReadonlyMap<string, KindBase> {
  if (!bases) {
    const list: readonly KindBase[] = JSON.parse(kindsText);
    bases = new Map(list.map((base) => [base.typeName, base]));
  }
  return bases;
}

/**
 * Joins what the generator knows of a built-in kind with its hand-written behaviour.
 * The schema is looked up when it is first asked for, so that naming a kind costs nothing.
 *
 * @throws Error when there is no such built-in kind, which is a defect of the caller.
 */
export function defineKind<T extends KubeObject>(
  apiVersion: T['apiVersion'],
  kind: T['kind'],
  behaviour: KindBehaviour<T> = {},
): KindDefinition<T> {
  const base = kindBases().get(`${apiVersion}.${kind}`);
  if (!base) throw new Error(`there is no built-in kind ${apiVersion} ${kind}`);
  return {
    ...base,
    ...behaviour,
    columns: behaviour.columns ?? columnsOf(),
    get schema(): ObjectSchema {
      return builtInSchemas.resolve(base.typeName);
    },
  };
}

export interface GroupVersionKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What a process knows of kinds. Look-ups are by identity, by REST resource and by any of its names. */
export class Registry {
  readonly #byKind = new Map<string, KindDefinition>();
  readonly #byResource = new Map<string, KindDefinition>();
  readonly #listeners = new Set<() => void>();

  constructor(kinds: Iterable<KindDefinition> = []) {
    for (const kind of kinds) this.add(kind);
  }

  add(kind: KindDefinition): void {
    this.change([], [kind]);
  }

  remove(kind: KindDefinition): void {
    this.change([kind], []);
  }

  /** Takes kinds out and others in, as one change: versions of a resource come, change and go together. */
  change(removed: Iterable<KindDefinition>, added: Iterable<KindDefinition>): void {
    for (const kind of removed) {
      this.#byKind.delete(`${kind.apiVersion}.${kind.kind}`);
      this.#byResource.delete(`${kind.apiVersion}/${kind.plural}`);
    }
    for (const kind of added) {
      this.#byKind.set(`${kind.apiVersion}.${kind.kind}`, kind);
      this.#byResource.set(`${kind.apiVersion}/${kind.plural}`, kind);
    }
    for (const listener of this.#listeners) listener();
  }

  kind(apiVersion: string, kind: string): KindDefinition | undefined {
    return this.#byKind.get(`${apiVersion}.${kind}`);
  }

  /** By the plural name in a URL. */
  resource(apiVersion: string, plural: string): KindDefinition | undefined {
    return this.#byResource.get(`${apiVersion}/${plural}`);
  }

  /** Every kind, in the order of its registration. */
  all(): Iterable<KindDefinition> {
    return this.#byKind.values();
  }

  /** Kinds that a user's word may mean: plural, singular, kind or short name, optionally followed by `.group`. */
  named(word: string): readonly KindDefinition[] {
    const lower = word.toLowerCase();
    return [...this.#byKind.values()].filter((kind) =>
      [kind.plural, kind.singular, ...(kind.shortNames ?? [])].some(
        (name) => name === lower || (kind.group !== '' && `${name}.${kind.group}` === lower),
      ),
    );
  }

  /** Called after every change of the set of kinds. */
  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }
}
