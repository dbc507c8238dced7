/** Serves what CustomResourceDefinitions define: their kinds join the registry when they are established and leave with them. */
import { deepEqual } from '../../../shared/deep.ts';
import { definedKinds } from '../../../types/custom-resource-schema.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import { CustomResourceDefinition } from '../../../types/kinds/apiextensions/custom-resource-definition.ts';
import { keyOf } from '../../../types/meta.ts';
import type { KubeObject, ObjectKey } from '../../../types/meta.ts';
import type { Registry } from '../../../types/registry.ts';
import { kindPrefix } from '../../storage/keys.ts';
import type { Store } from '../../storage/store.ts';
import { isOfKind } from '../fields.ts';
import type { UserInfo } from '../request.ts';
import { copyOf } from '../resource-storage.ts';
import type { ResourceStorage, WriteContext } from '../resource-storage.ts';
import { ApiError } from '../status-error.ts';

export interface CustomResourcesOptions {
  readonly store: Store;
  readonly registry: Registry;
  storage(kind: KindDefinition): ResourceStorage;
  /** Told when cleaning up after a definition fails. */
  onFailure(error: unknown): void;
}

const server: UserInfo = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };
const write: WriteContext = { user: server, dryRun: false, fieldManager: 'kube-apiserver', subresource: '' };

interface Served {
  readonly definition: CustomResourceDefinition;
  readonly kinds: readonly KindDefinition[];
}

export class CustomResources {
  readonly #options: CustomResourcesOptions;
  readonly #served = new Map<string, Served>();
  /** Definitions whose objects are being deleted, by group and plural. */
  readonly #leaving = new Map<string, ObjectKey>();

  constructor(options: CustomResourcesOptions) {
    this.#options = options;
  }

  /** Serves what is stored, and goes on with what was being deleted. */
  async load(): Promise<void> {
    for (const { value } of (await this.#options.store.list(kindPrefix(CustomResourceDefinition))).items) {
      if (isOfKind(CustomResourceDefinition, value)) this.#observe(value, false);
    }
  }

  /** To be told of everything that is written. */
  readonly onStored = (kind: KindDefinition, object: KubeObject, gone: boolean): void => {
    if (kind.typeName === CustomResourceDefinition.typeName) {
      if (isOfKind(CustomResourceDefinition, object)) this.#observe(object, gone);
    } else if (gone && kind.custom === true) {
      const definition = this.#leaving.get(resourceOf(kind));
      if (definition) this.#attend(this.#finishWhenEmpty(kind, definition));
    }
  };

  #observe(definition: CustomResourceDefinition, gone: boolean): void {
    const name = definition.metadata.name ?? '';
    const before = this.#served.get(name);
    if (before && revisionOf(before.definition) > revisionOf(definition)) return;
    const kinds = gone ? [] : this.#kindsOf(definition, before);
    if (kinds !== before?.kinds) {
      const left = before?.kinds.filter(({ typeName }) => !kinds.some((kind) => kind.typeName === typeName)) ?? [];
      if (left.length + kinds.length > 0) this.#options.registry.change(left, kinds);
    }
    if (gone) {
      this.#served.delete(name);
      this.#leaving.delete(`${definition.spec?.group ?? ''}/${definition.spec?.names?.plural ?? ''}`);
      this.#attend(this.#reconsider(definition));
      return;
    }
    this.#served.set(name, { definition, kinds });
    if (isTerminating(definition)) this.#cleanUp(definition, kinds);
  }

  /** The same kinds as before when nothing changed that they depend on. */
  #kindsOf(definition: CustomResourceDefinition, before: Served | undefined): readonly KindDefinition[] {
    const { spec, status } = definition;
    const established = status?.conditions?.find(({ type }) => type === 'Established')?.status === 'True';
    if (!established || !spec) return [];
    const terminating = isTerminating(definition);
    const old = before?.definition;
    const isSame =
      deepEqual(old?.spec, spec) &&
      deepEqual(old?.status?.acceptedNames, status?.acceptedNames) &&
      before?.kinds.every((kind) => (kind.terminating === true) === terminating) === true;
    if (isSame && before.kinds.length > 0) return before.kinds;
    const accepted = { ...definition, spec: { ...spec, names: { ...spec.names, ...status?.acceptedNames } } };
    return definedKinds(accepted)
      .filter(({ apiVersion, plural }) => {
        const known = this.#options.registry.resource(apiVersion, plural);
        return known === undefined || known.custom === true;
      })
      .map((kind) => (terminating ? { ...kind, terminating } : kind));
  }

  /** Deletes the objects of a definition that is to go; those with finalizers go later, each telling by `onStored`. */
  #cleanUp(definition: CustomResourceDefinition, kinds: readonly KindDefinition[]): void {
    const kind = kinds.find(({ typeName, storedAs }) => typeName === storedAs) ?? kinds[0];
    const place = `${definition.spec?.group ?? ''}/${definition.spec?.names?.plural ?? ''}`;
    if (this.#leaving.has(place)) return;
    this.#leaving.set(place, keyOf(definition));
    this.#attend(kind ? this.#deleteObjects(kind, keyOf(definition)) : this.#release(keyOf(definition)));
  }

  async #deleteObjects(kind: KindDefinition, definition: ObjectKey): Promise<void> {
    const storage = this.#options.storage(kind);
    for (const { value } of (await this.#options.store.list(storage.prefix(''))).items) {
      await ignoringAbsence(storage.remove(keyOf(value), {}, write));
    }
    await this.#finishWhenEmpty(kind, definition);
  }

  async #finishWhenEmpty(kind: KindDefinition, definition: ObjectKey): Promise<void> {
    const prefix = this.#options.storage(kind).prefix('');
    const { items } = await this.#options.store.list(prefix, { limit: 1 });
    if (items.length === 0) await this.#release(definition);
  }

  async #release(definition: ObjectKey): Promise<void> {
    const finalizer = CustomResourceDefinition.deletionFinalizer;
    await ignoringAbsence(
      this.#update(definition, (draft) => {
        const kept = (draft.metadata.finalizers ?? []).filter((name) => name !== finalizer);
        if (kept.length > 0) draft.metadata.finalizers = kept;
        else delete draft.metadata.finalizers;
      }),
    );
  }

  /** Names that a definition had may be what others of its group were waiting for. */
  async #reconsider(gone: CustomResourceDefinition): Promise<void> {
    for (const { definition } of [...this.#served.values()]) {
      const refused = definition.status?.conditions?.some(
        ({ type, status }) => type === 'NamesAccepted' && status === 'False',
      );
      if (refused !== true || definition.spec?.group !== gone.spec?.group) continue;
      await ignoringAbsence(this.#update(keyOf(definition), () => undefined));
    }
  }

  #update(key: ObjectKey, change: (draft: ReturnType<typeof copyOf>) => void): Promise<unknown> {
    const storage = this.#options.storage(CustomResourceDefinition);
    return storage.update(
      key,
      (current) => {
        if (!current) throw new ApiError('NotFound', `customresourcedefinition ${key.name} is gone`);
        const draft = copyOf(current.object);
        change(draft);
        return { draft, patched: true };
      },
      write,
    );
  }

  #attend(work: Promise<void>): void {
    work.catch((error: unknown) => this.#options.onFailure(error));
  }
}

function resourceOf({ group, plural }: KindDefinition): string {
  return `${group}/${plural}`;
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion ?? '0');
}

function isTerminating({ metadata }: CustomResourceDefinition): boolean {
  const { deletionTimestamp, finalizers = [] } = metadata;
  return deletionTimestamp !== undefined && finalizers.includes(CustomResourceDefinition.deletionFinalizer ?? '');
}

async function ignoringAbsence(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'NotFound') throw error;
  }
}
