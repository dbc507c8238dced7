/** The only way to validate: identity and metadata, then the kind's own rules. */
import type { KindDefinition } from '../define-kind.ts';
import { collectIssues, type FieldIssue, type IssueSink } from '../field-issue.ts';
import type { KubeObject } from '../meta.ts';
import type { Registry } from '../registry.ts';
import { checkMetadata, checkMetadataUpdate } from './metadata.ts';

export interface ValidateOptions {
  /** `status`: a write to the status subresource. */
  readonly operation: 'create' | 'update' | 'status';
  /** The part that an update is for, besides status and scale: `resize`, `ephemeralcontainers`, `approval` ... */
  readonly subresource?: string;
  /** The stored object; required for updates. */
  readonly previous?: KubeObject;
  /** Knows custom resources; reserved for kinds whose rules depend on others. */
  readonly registry?: Registry;
}

/**
 * What is wrong with a defaulted object whose fields have the types of its schema (see `findDecodeError`), in upstream's order.
 * Never throws on such an object.
 */
export function validateObject<T extends KubeObject>(
  kind: KindDefinition<T>,
  object: T,
  options: ValidateOptions,
): readonly FieldIssue[] {
  return collectIssues((issues) => {
    if (options.operation === 'create' || !options.previous) checkCreate(kind, object, issues);
    else checkUpdate(kind, object, options.previous, options, issues);
  });
}

function checkCreate<T extends KubeObject>(kind: KindDefinition<T>, object: T, issues: IssueSink): void {
  // Posted-only kinds (reviews, bindings) have rules of their own for metadata.
  if (!kind.virtual) checkMetadata(kind, object, issues.at('metadata'));
  kind.validate?.(object, issues);
  kind.validateCreate?.(object, issues);
}

/** `previous` is of the same kind as `object`: the caller read it from the same key. */
function isSameKind<T extends KubeObject>(object: KubeObject, like: T): object is T {
  return object.kind === like.kind;
}

function checkUpdate<T extends KubeObject>(
  kind: KindDefinition<T>,
  object: T,
  previous: KubeObject,
  { operation, subresource }: ValidateOptions,
  issues: IssueSink,
): void {
  checkMetadataUpdate(object, previous, issues.at('metadata'));
  if (!isSameKind(previous, object)) return;
  if (subresource !== undefined) {
    kind.validateSubresourceUpdate?.(subresource, object, previous, issues);
    return;
  }
  if (operation === 'status') {
    kind.validateStatusUpdate?.(object, previous, issues);
    return;
  }
  checkMetadata(kind, object, issues.at('metadata'));
  kind.validate?.(object, issues);
  kind.validateUpdate?.(object, previous, issues);
}
