import type { KindDefinition } from '../../../types/define-kind.ts';
import type { Handler } from '../request-context.ts';
import type { Verb } from '../request-info.ts';

export interface DocumentKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** One path below an object, with what can be done there. `kind` and `group` are what discovery says of its documents. */
export interface Subresource {
  readonly name: string;
  /** The kind of the documents that are exchanged; undefined: that of the object itself. */
  readonly document?: DocumentKind | ((kind: KindDefinition) => DocumentKind);
  readonly verbs: Partial<Readonly<Record<Exclude<Verb, 'list' | 'watch'>, Handler>>>;
}
