import type { LintRule } from '../../rule.ts';
import { hasPods, lastingContainersOf } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const gracePeriod: LintRule = {
  id: 'reliability/grace-period',
  severity: 'warning',
  recommended: true,
  summary: 'The grace period is longer than the preStop hook sleeps.',
  why: 'The sleep counts: when it is over, nothing is left for the program to end in, and it is killed.',
  bad: podExample({
    spec: 'terminationGracePeriodSeconds: 10',
    container: 'lifecycle:\n  preStop:\n    exec:\n      command: [sleep, "15"]',
  }),
  good: podExample({
    spec: 'terminationGracePeriodSeconds: 40',
    container: 'lifecycle:\n  preStop:\n    exec:\n      command: [sleep, "15"]',
  }),
  appliesTo: hasPods,
  *check(subject) {
    const grace = subject.pod?.spec.terminationGracePeriodSeconds ?? 30;
    for (const { container, at } of lastingContainersOf(subject)) {
      const hook = container.lifecycle?.preStop;
      const text = (hook?.exec?.command ?? []).join(' ');
      const seconds = hook?.sleep?.seconds ?? Number(/(?:^|[\s/])sleep\s+(\d+)/.exec(text)?.[1] ?? 0);
      if (seconds < grace || seconds === 0) continue;
      yield {
        path: at('lifecycle', 'preStop'),
        message: `the hook sleeps ${seconds} s, and the pod is killed after ${grace} s`,
        part: 'key',
      };
    }
  },
};
