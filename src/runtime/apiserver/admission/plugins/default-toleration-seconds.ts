import { Pod } from '../../../../types/kinds/core/pod.ts';
import { isDraftOfKind } from '../../fields.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const SECONDS = 300;

/** Pods stay for five minutes on a node that has gone silent. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: ({ operation, kind, subresource }) =>
    (operation === 'CREATE' || operation === 'UPDATE') && kind.typeName === Pod.typeName && subresource === '',
  async mutate(_request, draft) {
    if (!isDraftOfKind(Pod, draft) || !draft.spec) return;
    const tolerations = draft.spec.tolerations ?? [];
    for (const key of TAINTS) {
      const tolerated = tolerations.some(
        (toleration) =>
          (toleration.key === key || (toleration.key ?? '') === '') &&
          (toleration.effect === 'NoExecute' || (toleration.effect ?? '') === ''),
      );
      if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS });
    }
    draft.spec.tolerations = tolerations;
  },
};
