/** ControllerRevisions: every pod template that a set has had, numbered, for rollbacks and for telling pods apart. Pure. */
import { atPointer, deepEqual, isRecord } from '../../../shared/deep.ts';
import type { JsonObject, JsonValue } from '../../../shared/deep.ts';
import type { ControllerRevision } from '../../../types/kinds/apps/controller-revision.ts';
import type { PodTemplateSpec } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Persisted } from '../../../types/meta.ts';
import { templateHash } from '../../../types/names.ts';
import { controllerReference } from './ownership.ts';

/** The label by which a pod tells which revision it was made from. */
export const revisionHashLabel = 'controller-revision-hash';

/** So long may the owner's name be in a revision's: with hyphen and hash it stays a DNS subdomain of 253 characters. */
const prefixLength = 223;

export interface RevisionPlan {
  /** Oldest first. */
  readonly revisions: readonly Persisted<ControllerRevision>[];
  /** The stored revision of the present template; undefined when it has to be created. */
  readonly present: Persisted<ControllerRevision> | undefined;
  /** The number that it is to have: the highest of all, as a rollback makes an old template the newest again. */
  readonly number: number;
}

export function planRevision(
  template: PodTemplateSpec | undefined,
  stored: readonly Persisted<ControllerRevision>[],
): RevisionPlan {
  const revisions = [...stored].sort(byNumber);
  const newest = revisions.at(-1);
  const present = revisions.findLast((revision) => holdsTemplate(revision, template));
  const isNewest = present !== undefined && present === newest;
  return { revisions, present, number: isNewest ? present.revision : (newest?.revision ?? 0) + 1 };
}

function byNumber(a: Persisted<ControllerRevision>, b: Persisted<ControllerRevision>): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  const [left, right] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

export function holdsTemplate(revision: ControllerRevision, template: PodTemplateSpec | undefined): boolean {
  return deepEqual(revision.data, { spec: { template: { ...template, $patch: 'replace' } } });
}

/**
 * The revision for a template that has none yet.
 * @param hashLabel where its hash stands among its labels: this differs by the owner's kind
 * @param collisions salts the hash; 0 for none
 */
export function newRevision(
  owner: Persisted,
  template: PodTemplateSpec | undefined,
  number: number,
  hashLabel: string,
  collisions: number,
): ControllerRevision {
  // A strategic merge patch in the order of Go's encoder: kubectl compares it byte by byte with one that it makes itself.
  const data: JsonObject = { spec: { template: sorted({ ...template, $patch: 'replace' }) } };
  const hash = templateHash(data, collisions === 0 ? undefined : collisions);
  const { annotations } = owner.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${owner.metadata.name.slice(0, prefixLength)}-${hash}`,
      namespace: owner.metadata.namespace,
      labels: { ...template?.metadata?.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: number,
  };
}

/** The template that a revision holds; undefined where somebody wrote something else into it. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec | undefined {
  const template = atPointer(revision.data, '/spec/template');
  if (!isTemplatePatch(template)) return undefined;
  const { $patch: _, ...rest } = template;
  return rest;
}

/** The API server validated it when it was the set's own, so its spec vouches for the rest. */
function isTemplatePatch(value: unknown): value is PodTemplateSpec & { readonly $patch?: string } {
  return isRecord(value) && isRecord(value['spec']) && Array.isArray(value['spec']['containers']);
}

/** The oldest ones, as many as there are too many. */
export function surplusRevisions(
  revisions: readonly Persisted<ControllerRevision>[],
  surplus: number,
): readonly Persisted<ControllerRevision>[] {
  return revisions.slice(0, Math.max(0, surplus));
}

function sorted(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map((item: unknown) => sorted(item));
  if (isRecord(value)) {
    const entries = Object.entries(value).filter(([, child]) => child !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]));
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
