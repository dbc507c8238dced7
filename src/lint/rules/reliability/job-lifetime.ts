import { Job } from '../../../types/kinds/batch/job.ts';
import type { LintRule } from '../../rule.ts';
import { asKind, isOneOf } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';

export const jobLifetime: LintRule = {
  id: 'reliability/job-lifetime',
  severity: 'info',
  recommended: false,
  aliases: ['kube-linter:job-ttl-seconds-after-finished'],
  summary: 'A Job on its own has ttlSecondsAfterFinished.',
  why: 'Finished Jobs and their pods stay for ever otherwise.',
  bad: jobExample(''),
  good: jobExample('ttlSecondsAfterFinished: 3600'),
  appliesTo: isOneOf(Job),
  *check(subject) {
    const job = asKind(Job, subject);
    if (!job || job.spec?.ttlSecondsAfterFinished !== undefined) return;
    if ((job.metadata.ownerReferences ?? []).length > 0) return;
    const fix = suggestSet(['spec', 'ttlSecondsAfterFinished'], 86_400);
    yield { path: ['spec'], message: 'the Job stays for ever after it has finished', fix };
  },
};

function jobExample(lines: string): string {
  const own = lines === '' ? '' : `  ${lines}\n`;
  return `apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: report\nspec:\n${own}  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: report\n          image: registry.example.com/report:2.0.1\n`;
}
