import { deepClone } from '../../../../shared/deep.ts';
import { Pod } from '../../../../types/kinds/core/pod.ts';
import { RuntimeClass } from '../../../../types/kinds/node/runtime-class.ts';
import { compareQuantities, type Quantity } from '../../../../types/quantity.ts';
import { isDraftOfKind } from '../../fields.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

/** What a runtime costs on top, and where it may run, belongs to every pod that asks for it. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.typeName === Pod.typeName && subresource === '',
  async mutate(request, draft) {
    if (!isDraftOfKind(Pod, draft) || !draft.spec) return;
    const { spec } = draft;
    const name = spec.runtimeClassName ?? '';
    if (name === '') {
      if (spec.overhead)
        throw rejected(request, 'Pod Overhead set without corresponding RuntimeClass defined Overhead');
      return;
    }
    const found = await request.reader.get(RuntimeClass, { namespace: '', name });
    if (!found) throw rejected(request, `RuntimeClass ${JSON.stringify(name)} not found`);
    const fixed = found.overhead?.podFixed;
    if (fixed && spec.overhead === undefined) spec.overhead = { ...fixed };
    if (!sameAmounts(spec.overhead ?? {}, fixed ?? {})) {
      throw rejected(request, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    for (const [key, value] of Object.entries(found.scheduling?.nodeSelector ?? {})) {
      const own = spec.nodeSelector?.[key];
      if (own === undefined || own === value) continue;
      const texts = [
        `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`,
        `pod.spec.nodeSelector[${key}] = ${own}`,
      ];
      throw rejected(request, `conflict: ${texts.join('; ')}`);
    }
    spec.nodeSelector = { ...found.scheduling?.nodeSelector, ...spec.nodeSelector };
    if (Object.keys(spec.nodeSelector).length === 0) delete spec.nodeSelector;
    const tolerations = found.scheduling?.tolerations ?? [];
    if (tolerations.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...deepClone(tolerations)];
  },
};

function rejected(request: AdmissionRequest, why: string): Error {
  return forbidden(Pod, request.name, `pod rejected: ${why}`);
}

/** `1` and `1000m` are the same amount. */
function sameAmounts(a: Readonly<Record<string, Quantity>>, b: Readonly<Record<string, Quantity>>): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => {
    const [left, right] = [a[name], b[name]];
    return left !== undefined && right !== undefined && compareQuantities(left, right) === 0;
  });
}
