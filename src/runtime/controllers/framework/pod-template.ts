/** The pod that a controller makes of its template. Pure. */
import type { PodTemplateSpec } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { Pod } from '../../../types/kinds/core/pod.ts';
import type { Persisted } from '../../../types/meta.ts';
import { controllerReference } from './ownership.ts';

/** @throws Error when the template has no pod spec, which the API server does not let happen */
export function podFromTemplate(template: PodTemplateSpec | undefined, owner: Persisted): Pod {
  const spec = template?.spec;
  if (!spec) throw new Error(`${owner.kind} ${owner.metadata.name} has no pod template`);
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec,
  };
}
