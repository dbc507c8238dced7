import { describe, expect, it } from 'vitest';
import { deepClone, isRecord } from '../../../src/shared/deep.ts';
import { applyDefaults } from '../../../src/types/validation/apply-defaults.ts';
import { prepared, readCases, recordedCasesPresent, registry, type DefaultCase } from './recorded-cases.ts';

/** Set by admission plugins, controllers or allocators, or added since 1.20. */
const notDefaults = new Set([
  'tolerations',
  'priority',
  'preemptionPolicy',
  'uid',
  'creationTimestamp',
  'generation',
  'namespace',
  'managedFields',
  'finalizers',
  'clusterIP',
  'clusterIPs',
  'ipFamilies',
  'ipFamilyPolicy',
  'nodePort',
  'healthCheckNodePort',
  'internalTrafficPolicy',
  'allocateLoadBalancerNodePorts',
  'persistentVolumeClaimRetentionPolicy',
  'maxSurge',
  'podReplacementPolicy',
  'completionMode',
  'suspend',
  'taints',
  'username',
  'groups',
  'storedVersions',
  'kubernetes.io/metadata.name',
  'requiresRepublish',
  'seLinuxMount',
  'storageCapacity',
  'fsGroupPolicy',
  'serviceAccount',
  'serviceAccountName',
  'podInfoOnMount',
  'nodeAllocatableUpdatePeriodSeconds',
  'preventPodSchedulingIfMissing',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'job-name',
  'behavior',
  'names',
  'conditions',
]);

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value)
    .filter(([key, child]) => !notDefaults.has(key) && child !== null)
    .map(([key, child]): [string, unknown] => [key, comparable(child)])
    .filter(
      ([, child]) =>
        !(isRecord(child) && Object.keys(child).length === 0) && !(Array.isArray(child) && child.length === 0),
    )
    .filter(
      ([, child]) => child !== '<time>' && child !== '2020-01-01T00:00:00.000000Z' && child !== 0 && child !== '',
    );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.runIf(recordedCasesPresent)('defaults of a recorded API server', () => {
  it('are those that are applied here', () => {
    let cases = 0;
    let same = 0;
    for (const test of readCases<DefaultCase>('defaults.jsonl')) {
      const kind = registry.kind(test.body.apiVersion, test.body.kind);
      if (!kind || test.returned === undefined) continue;
      cases += 1;
      const draft = prepared(kind, test.body);
      const [got, want] = [JSON.stringify(comparable(draft)), JSON.stringify(comparable(test.returned))];
      if (got === want) same += 1;
      else if (process.env['KUBEWRIGHT_RECORDED'] !== undefined)
        console.log(test.id, '\n  want', want, '\n  got ', got);
      const again = deepClone(draft);
      applyDefaults(kind, again);
      expect(again, `${test.id}: defaults are idempotent`).toEqual(draft);
    }
    console.log(`defaults: ${same} of ${cases} agree`);
    expect(same / cases).toBeGreaterThan(0.97);
  });
});
