/** The frozen result of a compilation. */
import type { ImageBuild } from '../shared/image-build.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import type { SourcePlace } from './problem.ts';

/** An image that an object needs, and the calls that asked for it, innermost first. */
export interface NeededImage {
  readonly build: ImageBuild;
  readonly places: readonly SourcePlace[];
}

export interface Manifest {
  /** In the author's key order; nothing has been defaulted. */
  readonly object: KubeObject;
  /** Undefined for custom resources. */
  readonly kind: KindDefinition | undefined;
  /** The place in the source of a field of this object; that of the builder's call where nothing was found to be wrong. */
  place(path: FieldPath): SourcePlace | undefined;
  /** The exact place of a field, also where nothing was wrong: it is looked up in the sources now. */
  locate?(path: FieldPath): Promise<SourcePlace | undefined>;
  /** Images that have to be built before the object can run: those of `image.build` that it names. */
  readonly images?: readonly NeededImage[];
}

export interface ManifestSet {
  /** In apply order. */
  readonly manifests: readonly Manifest[];
}

/** `Deployment default/web`; the namespace only where the author wrote one. */
export function titleOf(object: KubeObject): string {
  const { name, generateName, namespace } = object.metadata;
  const own = name ?? (generateName === undefined ? '(without a name)' : `${generateName}*`);
  return `${object.kind} ${namespace === undefined ? own : `${namespace}/${own}`}`;
}
