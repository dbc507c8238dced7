import type { PriorityClass } from '../../types/kinds/generated/scheduling-v1.gen.ts';

/** User-defined classes end at 1,000,000,000; the system's stand above. */
const SYSTEM_CRITICAL = 2_000_000_000;

export const defaultPriorityClasses: readonly PriorityClass[] = [
  systemClass('system-node-critical', SYSTEM_CRITICAL + 1000, 'cannot run on any other node'),
  systemClass('system-cluster-critical', SYSTEM_CRITICAL, 'have to run, on whichever node'),
];

function systemClass(name: string, value: number, what: string): PriorityClass {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    preemptionPolicy: 'PreemptLowerPriority',
    description: `For pods that the cluster cannot do without and that ${what}.`,
  };
}
