import { Pod } from '../../../types/kinds/core/pod.ts';
import type { LintRule } from '../../rule.ts';
import { isOneOf } from '../../selectors.ts';
import { deploymentExample, podExample } from '../example.ts';

export const nakedPod: LintRule = {
  id: 'reliability/naked-pod',
  severity: 'warning',
  recommended: true,
  summary: 'Pods are made by a controller.',
  why: 'A pod on its own is gone with its node; nobody makes another one.',
  bad: podExample({}),
  good: deploymentExample(),
  appliesTo: isOneOf(Pod),
  *check({ object }) {
    if ((object.metadata.ownerReferences ?? []).length > 0) return;
    const annotations = object.metadata.annotations ?? {};
    // Test pods of charts, and static pods, which the kubelet itself keeps.
    if (
      Object.keys(annotations).some((key) => key.startsWith('helm.sh/hook') || key.startsWith('kubernetes.io/config.'))
    )
      return;
    yield { path: ['kind'], message: 'no controller replaces this pod when it is lost; use a Deployment or a Job' };
  },
};
