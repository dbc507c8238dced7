import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';
import { lacking } from './requirements.ts';

export const ephemeralStorage: LintRule = {
  id: 'resources/ephemeral-storage',
  severity: 'info',
  recommended: false,
  aliases: [
    'kube-score:container-ephemeral-storage-request-and-limit',
    'kube-score:container-ephemeral-storage-request-equals-limit',
  ],
  summary: 'Containers request and limit ephemeral storage.',
  why: 'Logs and scratch files fill the disk of the node otherwise, and pods are evicted that did nothing wrong.',
  bad: podExample({}),
  good: podExample({ container: 'resources:\n  limits:\n    ephemeral-storage: 1Gi' }),
  appliesTo: hasPods,
  *check(subject) {
    for (const { container, at } of lacking(subject, 'limits', 'ephemeral-storage')) {
      yield {
        path: at('resources'),
        message: `container ${container.name} has no limit of ephemeral storage`,
        part: 'key',
      };
    }
  },
};
