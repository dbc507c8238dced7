import { CronJob } from '../../../types/kinds/batch/cron-job.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';

export const cronConcurrency: LintRule = {
  id: 'reliability/cron-concurrency',
  severity: 'info',
  recommended: false,
  summary: 'A CronJob says whether its runs may overlap.',
  why: 'By default they may: a slow run meets the next one.',
  bad: cronExample(''),
  good: cronExample('concurrencyPolicy: Forbid'),
  appliesTo: isOneOf(CronJob),
  *check(subject) {
    const spec = asKind(CronJob, subject)?.spec;
    if (!spec || spec.concurrencyPolicy !== undefined) return;
    yield {
      path: ['spec'],
      message: 'concurrencyPolicy is not set: runs may overlap',
      fix: suggestSet(['spec', 'concurrencyPolicy'], 'Forbid'),
    };
  },
};

function cronExample(lines: string): string {
  const own = lines === '' ? '' : `  ${lines}\n`;
  return `apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: report\nspec:\n  schedule: "0 3 * * *"\n${own}  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: OnFailure\n          containers:\n            - name: report\n              image: registry.example.com/report:2.0.1\n`;
}
