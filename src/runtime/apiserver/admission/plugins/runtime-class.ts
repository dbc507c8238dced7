import { deepClone } from '../../../../shared/deep.ts';
import { Pod } from '../../../../types/kinds/core/pod.ts';
import { RuntimeClass } from '../../../../types/kinds/node/runtime-class.ts';
import { isDraftOfKind } from '../../fields.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin } from '../plugin.ts';

/** What a runtime costs on top, and where it may run, belongs to every pod that asks for it. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.typeName === Pod.typeName && subresource === '',
  async mutate(request, draft) {
    if (!isDraftOfKind(Pod, draft) || !draft.spec) return;
    const { spec } = draft;
    const name = spec.runtimeClassName ?? '';
    if (name === '') return;
    const found = await request.reader.get(RuntimeClass, { namespace: '', name });
    if (!found) throw forbidden(Pod, request.name, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
    const fixed = found.overhead?.podFixed;
    if (fixed && spec.overhead === undefined) spec.overhead = { ...fixed };
    spec.nodeSelector = { ...found.scheduling?.nodeSelector, ...spec.nodeSelector };
    if (Object.keys(spec.nodeSelector).length === 0) delete spec.nodeSelector;
    const tolerations = found.scheduling?.tolerations ?? [];
    if (tolerations.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...deepClone(tolerations)];
  },
};
