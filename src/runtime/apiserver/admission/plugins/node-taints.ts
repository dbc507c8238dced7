import { Node } from '../../../../types/kinds/core/node.ts';
import { isDraftOfKind } from '../../fields.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';

/** A new node takes no pods before it says that it is ready; the node controller takes the taint away then. */
export const nodeTaints: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.typeName === Node.typeName && subresource === '',
  async mutate(_request, draft) {
    if (!isDraftOfKind(Node, draft)) return;
    const taints = draft.spec?.taints ?? [];
    if (taints.some((taint) => taint.key === NOT_READY && taint.effect === 'NoSchedule')) return;
    draft.spec = { ...draft.spec, taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] };
  },
};
