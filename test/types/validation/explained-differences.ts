/**
 * Recorded answers of the 1.20 server that the 1.36 server would not give, each with what changed since.
 * Every other recorded refusal has to agree in reason and field.
 */
interface Explanation {
  readonly reason: string;
  readonly cases: readonly string[];
}

const explanations: readonly Explanation[] = [
  {
    reason: 'Plainly bad input that was answered with 500 is answered with 400, or 504 for a version yet to come.',
    cases: [
      'delete-009',
      'delete-010',
      'pod-binding-002',
      'pod-binding-003',
      'pod-binding-005',
      'query-033',
      'query-038',
      'query-040',
    ],
  },
  { reason: 'Services are deleted as a collection too since 1.23.', cases: ['delete-018'] },
  { reason: 'Services may be selected by spec.type and spec.clusterIP now.', cases: ['query-019'] },
  {
    reason: 'Needs a server in a state that a test server does not get into: a namespace that stays, a compacted list.',
    cases: ['namespace-015', 'query-031'],
  },
  {
    reason: 'Faults of a custom resource in the length of a text or a list have reasons of their own now.',
    cases: ['customresource-007', 'customresource-009'],
  },
  { reason: 'The path of a fault in an item of a custom resource names the item now.', cases: ['customresource-011'] },
  {
    reason: 'The path of a term of pod affinity names labelSelector now; matchExpressions stood there twice.',
    cases: [
      'pod-affinity-022',
      'pod-affinity-023',
      'pod-affinity-024',
      'pod-affinity-025',
      'pod-affinity-031',
      'pod-affinity-032',
      'pod-affinity-033',
      'pod-affinity-034',
    ],
  },
  {
    reason: 'Since sidecars (1.29) probes of other init containers are forbidden, not invalid.',
    cases: ['pod-initcontainers-007', 'pod-initcontainers-008'],
  },
  {
    reason: 'Any printable ASCII besides "=" may stand in the name of an environment variable (GA in 1.34, KEP-4369).',
    cases: ['pod-env-002', 'pod-env-003', 'pod-env-005', 'pod-env-007', 'pod-initcontainers-011'],
  },
  {
    reason: 'Up to 32 search domains of 2048 characters are allowed (GA in 1.28, KEP-2595).',
    cases: ['pod-dns-006', 'pod-dns-007'],
  },
  {
    reason: 'Underscores and a single dot are allowed in search domains (GA in 1.34, KEP-4427).',
    cases: ['pod-dns-009', 'pod-dns-010'],
  },
  {
    reason: 'Annotations of seccomp are no longer read or written since 1.27 (KEP-135).',
    cases: ['pod-spec-029', 'pod-spec-030', 'pod-securitycontext-012'],
  },
  {
    reason: 'status.availableReplicas came in 1.22 and is compared with status.replicas like the other counts.',
    cases: ['statefulset-021'],
  },
  { reason: 'revisionHistoryLimit of a StatefulSet may be changed since 1.35.', cases: ['statefulset-034'] },
  {
    reason: 'The name and namespace of a webhook service were exchanged in the check of 1.20.',
    cases: ['webhook-022', 'webhook-066'],
  },
  {
    reason:
      'A value of the wrong type in a custom resource or a default has a reason of its own now, FieldValueTypeInvalid.',
    cases: ['crd-schema-057', 'customresource-002', 'customresource-022', 'customresource-036'],
  },
  {
    reason:
      'A namespace is labelled with its own name before it is checked since 1.21, so its label is refused as well.',
    cases: ['namespace-003'],
  },
  {
    reason: 'An unknown externalTrafficPolicy is answered with the supported values now.',
    cases: ['service-045'],
  },
  { reason: 'A blank at the end of the path nodePublishSecretRef is gone.', cases: ['persistentvolume-028'] },
  { reason: 'The path of the value of a PriorityClass is lower case.', cases: ['priorityclass-006'] },
  { reason: 'Fields of a CSIDriver are immutable one by one now.', cases: ['csidriver-005'] },
  { reason: 'The annotation preferAvoidPods is no longer checked.', cases: ['node-013'] },
  {
    reason: 'Whether a port is taken is known to the allocator of a server, which the rules of an object are not.',
    cases: ['service-067'],
  },
  {
    reason:
      'An update without a version is refused by the storage of a server, before the rules of an object are asked.',
    cases: ['volumeattachment-008', 'lease-008', 'customresource-035'],
  },
];

export const explained: ReadonlyMap<string, string> = new Map(
  explanations.flatMap(({ reason, cases }) => cases.map((id): [string, string] => [id, reason])),
);
