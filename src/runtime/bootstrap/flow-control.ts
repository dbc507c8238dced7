/**
 * The flow schemas and priority levels of a new cluster (KEP-1040): which requests count as whose, and what shares of the server
 * they have.
 */
import type {
  FlowSchema,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  ResourcePolicyRule,
  Subject,
} from '../../types/kinds/generated/flowcontrol-v1.gen.ts';

/** Objects with this annotation set to `true` follow the defaults of the version that runs. */
export const AUTOUPDATE_SPEC = 'apf.kubernetes.io/autoupdate-spec';
const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const metadataOf = (name: string): { name: string; annotations: Record<string, string> } => ({
  name,
  annotations: { [AUTOUPDATE_SPEC]: 'true' },
});

interface Queues {
  readonly queues: number;
  readonly handSize: number;
}

function limited(
  name: string,
  shares: number,
  lendable: number,
  queuing: Queues | undefined,
): PriorityLevelConfiguration {
  return {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: metadataOf(name),
    spec: {
      type: 'Limited',
      limited: {
        nominalConcurrencyShares: shares,
        lendablePercent: lendable,
        limitResponse: queuing ? { type: 'Queue', queuing: { ...queuing, queueLengthLimit: 50 } } : { type: 'Reject' },
      },
    },
  };
}

const many = { queues: 128, handSize: 6 } as const;
const some = { queues: 64, handSize: 6 } as const;

export const defaultPriorityLevels: readonly PriorityLevelConfiguration[] = [
  {
    apiVersion,
    kind: 'PriorityLevelConfiguration',
    metadata: metadataOf('exempt'),
    spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  limited('catch-all', 5, 0, undefined),
  limited('global-default', 20, 50, many),
  limited('leader-election', 10, 0, { queues: 16, handSize: 4 }),
  limited('node-high', 40, 25, some),
  limited('system', 30, 33, some),
  limited('workload-high', 40, 50, many),
  limited('workload-low', 100, 90, many),
];

const user = (name: string): Subject => ({ kind: 'User', user: { name } });
const group = (name: string): Subject => ({ kind: 'Group', group: { name } });
const systemAccount = (name: string): Subject => ({
  kind: 'ServiceAccount',
  serviceAccount: { name, namespace: 'kube-system' },
});

const everyone = [group('system:unauthenticated'), group('system:authenticated')];
const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
};

const writes = ['get', 'create', 'update'];
const leases: ResourcePolicyRule = {
  verbs: writes,
  apiGroups: ['coordination.k8s.io'],
  resources: ['leases'],
  namespaces: ['*'],
};

function schema(
  name: string,
  level: string,
  precedence: number,
  method: 'ByUser' | 'ByNamespace' | undefined,
  rule: PolicyRulesWithSubjects,
): FlowSchema {
  return {
    apiVersion,
    kind: 'FlowSchema',
    metadata: metadataOf(name),
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(method && { distinguisherMethod: { type: method } }),
      rules: [rule],
    },
  };
}

export const defaultFlowSchemas: readonly FlowSchema[] = [
  schema('exempt', 'exempt', 1, undefined, { subjects: [group('system:masters')], ...everything }),
  schema('probes', 'exempt', 2, undefined, {
    subjects: everyone,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  }),
  schema('system-leader-election', 'leader-election', 100, 'ByUser', {
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler'), systemAccount('*')],
    resourceRules: [leases],
  }),
  schema('endpoint-controller', 'workload-high', 150, 'ByUser', {
    subjects: [
      user('system:kube-controller-manager'),
      systemAccount('endpoint-controller'),
      systemAccount('endpointslicemirroring-controller'),
    ],
    resourceRules: [{ verbs: writes, apiGroups: [''], resources: ['endpoints'], namespaces: ['*'] }],
  }),
  schema('workload-leader-election', 'leader-election', 200, 'ByUser', {
    subjects: [systemAccount('*')],
    resourceRules: [leases],
  }),
  schema('system-node-high', 'node-high', 400, 'ByUser', {
    subjects: [group('system:nodes')],
    resourceRules: [
      { verbs: ['*'], apiGroups: [''], resources: ['nodes', 'nodes/status'], namespaces: ['*'], clusterScope: true },
      { ...leases, verbs: ['*'] },
    ],
  }),
  schema('system-nodes', 'system', 500, 'ByUser', { subjects: [group('system:nodes')], ...everything }),
  schema('kube-controller-manager', 'workload-high', 800, 'ByNamespace', {
    subjects: [user('system:kube-controller-manager')],
    ...everything,
  }),
  schema('kube-scheduler', 'workload-high', 800, 'ByNamespace', {
    subjects: [user('system:kube-scheduler')],
    ...everything,
  }),
  schema('kube-system-service-accounts', 'workload-high', 900, 'ByNamespace', {
    subjects: [systemAccount('*')],
    ...everything,
  }),
  schema('service-accounts', 'workload-low', 9000, 'ByUser', {
    subjects: [group('system:serviceaccounts')],
    ...everything,
  }),
  schema('global-default', 'global-default', 9900, 'ByUser', { subjects: everyone, ...everything }),
  schema('catch-all', 'catch-all', 10_000, 'ByUser', { subjects: everyone, ...everything }),
];
