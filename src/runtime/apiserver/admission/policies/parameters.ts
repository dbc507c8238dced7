/** Objects that policies are given as `params`. */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import type { ParamKind, ParamRef } from '../../../../types/kinds/generated/admissionregistration-v1.gen.ts';
import { matchesLabelSelector } from '../../../../types/label-selector.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import type { Registry } from '../../../../types/registry.ts';
import type { ResourceStorage } from '../../resource-storage.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** Where objects of any kind are read from, as their version shows them. */
export interface ObjectSource {
  readonly registry: Registry;
  storage(kind: KindDefinition): Pick<ResourceStorage, 'find' | 'list'>;
}

/** The objects, or why there are none that could be used. */
export async function parametersFor(
  kind: ParamKind,
  ref: ParamRef | undefined,
  request: AdmissionRequest,
  source: ObjectSource,
): Promise<readonly KubeObject[] | string> {
  const known = source.registry.kind(kind.apiVersion ?? '', kind.kind ?? '');
  if (!known?.served)
    return `failed to configure policy: paramKind kind \`${kind.apiVersion ?? ''}, Kind=${kind.kind ?? ''}\` not known`;
  if (!ref) return [];
  const namespaced = known.scope === 'Namespaced';
  const namespace = namespaced ? (ref.namespace ?? request.namespace) : '';
  if (namespaced && namespace === '')
    return 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources';
  const storage = source.storage(known);
  if (ref.name !== undefined && ref.name !== '') {
    const found = await storage.find({ namespace, name: ref.name });
    return found ? [found.object] : [];
  }
  const { selector } = ref;
  const objects = await storage.list(namespace);
  return objects.filter(({ metadata }) => selector !== undefined && matchesLabelSelector(selector, metadata.labels));
}
