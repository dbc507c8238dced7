/**
 * All that is known of a kind. Validation, defaulting, printing, discovery, OpenAPI, lint, editor and docs read it.
 *
 * The behaviours are written as methods on purpose: methods compare bivariantly, so `KindDefinition<Deployment>` fits into
 * a table of `KindDefinition`; function-valued properties would not.
 */
import type { FieldPath, IssueSink } from './field-issue.ts';
import type { Draft, KubeObject } from './meta.ts';
import type { QuotaMeasure } from './quota/measure.ts';
import type { ObjectSchema } from './schema.ts';
import type { WebhookConversion } from './kinds/generated/apiextensions-v1.gen.ts';
import type { PodTemplateSpec } from './kinds/generated/core-v1.gen.ts';

/** A column of the server-side table. `priority` 1 shows only with `-o wide`. */
export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly format?: string;
  readonly priority?: number;
  readonly description?: string;
  cell(object: T, now: Date): string | number | boolean | null;
}

/** A field that `fieldSelector` may name besides metadata.name and metadata.namespace. */
export interface SelectableField<T extends KubeObject = KubeObject> {
  readonly path: string;
  value(object: T): string;
}

/** What an object points at. `optional` references may dangle. */
export interface Reference {
  readonly path: FieldPath;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly key?: string;
  readonly optional?: boolean;
}

export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  readonly labelSelector?: string;
}

/** What the generator knows of a kind without any hand-written line. */
export interface KindBase {
  readonly apiVersion: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly scope: 'Namespaced' | 'Cluster';
  /** Subresources that upstream has paths for: status, scale, log, exec, binding, eviction, token, approval, finalize ... */
  readonly subresources: readonly string[];
  /** Name of its type in the schema table, `apps/v1.Deployment`. */
  readonly typeName: string;
  /** False for groups and versions that upstream knows but does not serve by default. */
  readonly served: boolean;
  /** Kinds that are only posted (TokenReview, SubjectAccessReview, Binding ...) and never stored. */
  readonly virtual: boolean;
}

/** The hand-written part of a kind: everything that the schema cannot say. */
export interface KindBehaviour<T extends KubeObject = KubeObject> {
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly columns?: readonly Column<T>[];
  readonly selectableFields?: readonly SelectableField<T>[];
  readonly scale?: ScalePaths;
  readonly example?: T;
  /** Fields that are stored but have no effect on the local cluster: lint hint, Warning header, docs. `[]` in a path stands for any item. */
  readonly unrealized?: readonly string[];
  /** True once `validate` covers what upstream refuses; creating a kind without answers with a Warning header. */
  readonly validated?: boolean;
  /** Whether `spec` changes bump metadata.generation (true where upstream keeps a generation). Default: has spec and status subresource. */
  readonly hasGeneration?: boolean;
  /** Whether PUT on a name that does not exist creates the object (Lease, Event, Endpoints and a few more). Default false. */
  readonly createOnUpdate?: boolean;
  /** Whether PUT without resourceVersion is accepted. Default true. */
  readonly unconditionalUpdate?: boolean;
  /** Whether the status of a new object is taken as sent (Node). Default: it is cleared. */
  readonly keepsStatusOnCreate?: boolean;
  /** Whether a DELETE without a policy orphans the dependents (Job, ReplicationController). Default false. */
  readonly orphansByDefault?: boolean;
  /** Whether DELETE answers with the deleted object instead of a Status. Default false. */
  readonly returnsDeleted?: boolean;
  /** Whether a node takes part in the deletion, with a grace period (Pod). Default false. */
  readonly terminatesGracefully?: boolean;
  /** Validation of metadata.name; default is a DNS-1123 subdomain. */
  validateName?(name: string): readonly string[];
  applyDefaults?(draft: Draft<T>): void;
  validate?(object: T, issues: IssueSink): void;
  /** Rules that only a new object is held to, besides those of `validate`. */
  validateCreate?(object: T, issues: IssueSink): void;
  /** Also called for updates after `validate`; here stand the immutable fields. */
  validateUpdate?(next: T, previous: T, issues: IssueSink): void;
  validateStatusUpdate?(next: T, previous: T, issues: IssueSink): void;
  /** Rules of a write to a subresource other than status and scale (`resize`, `approval`), besides those of metadata. */
  validateSubresourceUpdate?(subresource: string, next: T, previous: T, issues: IssueSink): void;
  /** Texts for Warning headers: deprecated fields, values without effect. */
  warnings?(object: T, previous: T | undefined): readonly string[];
  prepareForCreate?(draft: Draft<T>): void;
  prepareForUpdate?(draft: Draft<T>, previous: T): void;
  prepareForStatusUpdate?(draft: Draft<T>, previous: T): void;
  /** Put on an object when its deletion begins, by whoever has to clean up after it (CustomResourceDefinition). */
  readonly deletionFinalizer?: string;
  /** Called when the deletion of an object begins that is not gone at once (Namespace: phase Terminating). */
  prepareForDeletion?(draft: Draft<T>): void;
  podTemplate?(object: T): PodTemplateSpec | undefined;
  /** What objects use of a ResourceQuota, besides their number. */
  readonly quota?: QuotaMeasure<T>;
  references?(object: T): Iterable<Reference>;
  /** The kind under whose key objects of this kind are stored, when several versions share one (autoscaling/v1 and v2). */
  readonly storedAs?: string;
  /** Made up by the server when it is asked for: only read, never stored. */
  readonly computed?: boolean;
  /** Made by a CustomResourceDefinition: values of a wrong type are faults of validation, and there is no strategic merge. */
  readonly custom?: boolean;
  /** Set while its definition is being deleted: nothing new is taken. */
  readonly terminating?: boolean;
  /** Warning that every request for this version is answered with. */
  readonly deprecation?: string;
  /** Asked for the forms of other versions, where those are not the same but for their names. */
  readonly conversion?: WebhookConversion;
  toStored?(object: T): KubeObject;
  fromStored?(stored: KubeObject): T;
}

export interface KindDefinition<T extends KubeObject = KubeObject> extends KindBase, KindBehaviour<T> {
  readonly schema: ObjectSchema;
  readonly columns: readonly Column<T>[];
  /** Never present; it only carries the type, so that a definition used as a key gives typed answers. */
  readonly objectType?: T;
}
