import type { LintRule } from '../../rule.ts';
import { valueAt } from '../../selectors.ts';
import { documents, serviceExample } from '../example.ts';
import { isRecord } from '../../../shared/deep.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';

const monitor = (label: string): string =>
  `apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: web\nspec:\n  selector:\n    matchLabels:\n      app: ${label}\n  endpoints:\n    - port: http\n`;
const labelled = serviceExample.replace('name: web\n', 'name: web\n  labels:\n    app: web\n');

export const serviceMonitor: LintRule = {
  id: 'reference/service-monitor',
  severity: 'info',
  recommended: true,
  looksAround: true,
  aliases: ['kube-linter:dangling-servicemonitor'],
  summary: 'A ServiceMonitor selects a Service.',
  why: 'Otherwise nothing is measured, and no alert can fire.',
  bad: documents(labelled, monitor('wbe')),
  good: documents(labelled, monitor('web')),
  appliesTo: (kind) => kind === undefined || kind.kind === 'ServiceMonitor',
  *check({ object }, around) {
    if (object.kind !== 'ServiceMonitor' || !object.apiVersion.startsWith('monitoring.coreos.com/')) return;
    const matchLabels = valueAt(object, ['spec', 'selector', 'matchLabels']);
    // Services of other namespaces are for the one who deploys to know.
    if (!isRecord(matchLabels) || valueAt(object, ['spec', 'namespaceSelector']) !== undefined) return;
    const labels = Object.fromEntries(Object.entries(matchLabels).map(([key, value]) => [key, String(value)]));
    const services = around.neighbours('', 'Service');
    if (
      services.length === 0 ||
      services.some((one) => matchesLabelSelector({ matchLabels: labels }, one.object.metadata.labels))
    )
      return;
    yield { path: ['spec', 'selector'], message: 'none of the Services here has these labels', part: 'key' };
  },
};
