import { CronJob } from '../../../types/kinds/batch/cron-job.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';

export const cronDeadline: LintRule = {
  id: 'reliability/cron-deadline',
  severity: 'info',
  recommended: false,
  aliases: ['kube-score:cronjob-has-deadline'],
  summary: 'A CronJob has startingDeadlineSeconds.',
  why: 'Without it a CronJob that missed a hundred runs, for instance while the controller was down, never runs again.',
  bad: cronExample(''),
  good: cronExample('startingDeadlineSeconds: 300'),
  appliesTo: isOneOf(CronJob),
  *check(subject) {
    const spec = asKind(CronJob, subject)?.spec;
    if (!spec || spec.startingDeadlineSeconds !== undefined) return;
    yield {
      path: ['spec'],
      message: 'startingDeadlineSeconds is not set',
      fix: suggestSet(['spec', 'startingDeadlineSeconds'], 300),
    };
  },
};

function cronExample(lines: string): string {
  const own = lines === '' ? '' : `  ${lines}\n`;
  return `apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: report\nspec:\n  schedule: "0 3 * * *"\n${own}  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: OnFailure\n          containers:\n            - name: report\n              image: registry.example.com/report:2.0.1\n`;
}
