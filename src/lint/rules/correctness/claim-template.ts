import { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import { collectIssues } from '../../../types/field-issue.ts';
import { checkClaimSpec } from '../../../types/validation/claims.ts';
import type { LintRule } from '../../rule.ts';
import { faultPlace } from '../../fault-place.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { deploymentExample } from '../example.ts';

const example = (mode: string): string =>
  deploymentExample({
    kind: 'StatefulSet',
    deployment: `serviceName: web\nvolumeClaimTemplates:\n  - metadata:\n      name: data\n    spec:\n      accessModes: [${mode}]\n      resources:\n        requests:\n          storage: 1Gi`,
  });

export const claimTemplate: LintRule = {
  id: 'correctness/claim-template',
  severity: 'error',
  recommended: true,
  certain: true,
  summary: 'The claims that a StatefulSet is to make are ones that Kubernetes takes.',
  why: 'The API server takes the StatefulSet without looking at them; then each of its claims is refused, and no pod is ever made.',
  bad: example('ReadWrite'),
  good: example('ReadWriteOnce'),
  appliesTo: isOneOf(StatefulSet),
  *check(subject) {
    for (const [index, { spec }] of (asKind(StatefulSet, subject)?.spec?.volumeClaimTemplates ?? []).entries()) {
      const path = ['spec', 'volumeClaimTemplates', index, 'spec'];
      for (const issue of collectIssues((issues) => checkClaimSpec(spec, issues), path)) {
        const { message } = issue;
        yield {
          path: faultPlace(subject.object, issue.path, message),
          message: `no claim can be made from this template: ${message}`,
        };
      }
    }
  },
};
