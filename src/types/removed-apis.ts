/** Versions of built-in kinds that Kubernetes no longer serves (kubernetes.io/docs/reference/using-api/deprecation-guide), and deprecated ones. */

export interface RemovedApi {
  /** The minor version of Kubernetes that no longer has it, `1.22`. */
  readonly removedIn: string;
  /** Undefined where nothing took its place. */
  readonly replacement: string | undefined;
}

type Row = readonly [apiVersion: string, kinds: string, removedIn: string, replacement?: string];

const workloads = 'DaemonSet Deployment ReplicaSet';
const rbac = 'ClusterRole ClusterRoleBinding Role RoleBinding';
const webhooks = 'MutatingWebhookConfiguration ValidatingWebhookConfiguration';
const policies = 'ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding';
const devices = 'ResourceClaim ResourceClaimTemplate';
const rows: readonly Row[] = [
  ['extensions/v1beta1', workloads, '1.16', 'apps/v1'],
  ['extensions/v1beta1', 'NetworkPolicy', '1.16', 'networking.k8s.io/v1'],
  ['extensions/v1beta1', 'PodSecurityPolicy', '1.16'],
  ['extensions/v1beta1', 'Ingress', '1.22', 'networking.k8s.io/v1'],
  ['apps/v1beta1', 'Deployment ReplicaSet StatefulSet', '1.16', 'apps/v1'],
  ['apps/v1beta2', `${workloads} StatefulSet`, '1.16', 'apps/v1'],
  ['apps/v1beta1', 'ControllerRevision', '1.16', 'apps/v1'],
  ['apps/v1beta2', 'ControllerRevision', '1.16', 'apps/v1'],
  ['auditregistration.k8s.io/v1alpha1', 'AuditSink', '1.19'],
  ['settings.k8s.io/v1alpha1', 'PodPreset', '1.20'],
  ['networking.k8s.io/v1beta1', 'Ingress IngressClass', '1.22', 'networking.k8s.io/v1'],
  ['admissionregistration.k8s.io/v1beta1', webhooks, '1.22', 'admissionregistration.k8s.io/v1'],
  ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition', '1.22', 'apiextensions.k8s.io/v1'],
  ['apiregistration.k8s.io/v1beta1', 'APIService', '1.22', 'apiregistration.k8s.io/v1'],
  ['authentication.k8s.io/v1beta1', 'TokenReview', '1.22', 'authentication.k8s.io/v1'],
  [
    'authorization.k8s.io/v1beta1',
    'LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview SelfSubjectRulesReview',
    '1.22',
    'authorization.k8s.io/v1',
  ],
  ['certificates.k8s.io/v1beta1', 'CertificateSigningRequest', '1.22', 'certificates.k8s.io/v1'],
  ['coordination.k8s.io/v1beta1', 'Lease', '1.22', 'coordination.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1beta1', rbac, '1.22', 'rbac.authorization.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1alpha1', rbac, '1.22', 'rbac.authorization.k8s.io/v1'],
  ['scheduling.k8s.io/v1beta1', 'PriorityClass', '1.22', 'scheduling.k8s.io/v1'],
  ['scheduling.k8s.io/v1alpha1', 'PriorityClass', '1.17', 'scheduling.k8s.io/v1'],
  ['storage.k8s.io/v1beta1', 'CSIDriver CSINode StorageClass VolumeAttachment', '1.22', 'storage.k8s.io/v1'],
  ['batch/v1beta1', 'CronJob', '1.25', 'batch/v1'],
  ['batch/v2alpha1', 'CronJob', '1.21', 'batch/v1'],
  ['discovery.k8s.io/v1beta1', 'EndpointSlice', '1.25', 'discovery.k8s.io/v1'],
  ['events.k8s.io/v1beta1', 'Event', '1.25', 'events.k8s.io/v1'],
  ['policy/v1beta1', 'PodDisruptionBudget', '1.25', 'policy/v1'],
  ['policy/v1beta1', 'PodSecurityPolicy', '1.25'],
  ['node.k8s.io/v1beta1', 'RuntimeClass', '1.25', 'node.k8s.io/v1'],
  ['node.k8s.io/v1alpha1', 'RuntimeClass', '1.24', 'node.k8s.io/v1'],
  ['autoscaling/v2beta1', 'HorizontalPodAutoscaler', '1.25', 'autoscaling/v2'],
  ['autoscaling/v2beta2', 'HorizontalPodAutoscaler', '1.26', 'autoscaling/v2'],
  ['storage.k8s.io/v1beta1', 'CSIStorageCapacity', '1.27', 'storage.k8s.io/v1'],
  ['storage.k8s.io/v1alpha1', 'CSIStorageCapacity', '1.24', 'storage.k8s.io/v1'],
  ['networking.k8s.io/v1alpha1', 'ClusterCIDR', '1.29'],
  ['admissionregistration.k8s.io/v1alpha1', policies, '1.32', 'admissionregistration.k8s.io/v1'],
  ['admissionregistration.k8s.io/v1beta1', policies, '1.34', 'admissionregistration.k8s.io/v1'],
  ['resource.k8s.io/v1alpha1', 'PodScheduling ResourceClass', '1.27'],
  ['resource.k8s.io/v1alpha1', devices, '1.27', 'resource.k8s.io/v1'],
  [
    'resource.k8s.io/v1alpha2',
    'PodSchedulingContext ResourceClass ResourceClaimParameters ResourceClassParameters',
    '1.31',
  ],
  ['resource.k8s.io/v1alpha2', `${devices} ResourceSlice`, '1.31', 'resource.k8s.io/v1'],
  ['resource.k8s.io/v1alpha3', 'PodSchedulingContext', '1.32'],
  ['resource.k8s.io/v1alpha3', `${devices} ResourceSlice DeviceClass`, '1.34', 'resource.k8s.io/v1'],
  ['storagemigration.k8s.io/v1alpha1', 'StorageVersionMigration', '1.35', 'storagemigration.k8s.io/v1beta1'],
  [
    'flowcontrol.apiserver.k8s.io/v1beta1',
    'FlowSchema PriorityLevelConfiguration',
    '1.26',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1beta2',
    'FlowSchema PriorityLevelConfiguration',
    '1.29',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
  [
    'flowcontrol.apiserver.k8s.io/v1beta3',
    'FlowSchema PriorityLevelConfiguration',
    '1.32',
    'flowcontrol.apiserver.k8s.io/v1',
  ],
];

const removed: ReadonlyMap<string, RemovedApi> = new Map(
  rows.flatMap(([apiVersion, kinds, removedIn, replacement]) =>
    kinds.split(' ').map((kind) => [`${apiVersion}.${kind}`, { removedIn, replacement }] as const),
  ),
);

export function removedApi(apiVersion: string, kind: string): RemovedApi | undefined {
  return removed.get(`${apiVersion}.${kind}`);
}

/** The minor version that deprecates it, and what to say. */
const deprecated: ReadonlyMap<string, readonly [minor: number, text: string]> = new Map([
  ['v1.Endpoints', [33, 'deprecated since Kubernetes 1.33; use discovery.k8s.io/v1 EndpointSlice']],
  ['v1.ComponentStatus', [19, 'deprecated since Kubernetes 1.19']],
  ['storage.k8s.io/v1beta1.VolumeAttributesClass', [34, 'deprecated since Kubernetes 1.34; use storage.k8s.io/v1']],
]);

/** What is to be said of a kind that is still served by a version but should no longer be used. */
export function deprecatedApi(apiVersion: string, kind: string, minor = Number.POSITIVE_INFINITY): string | undefined {
  const [since, text] = deprecated.get(`${apiVersion}.${kind}`) ?? [];
  return since !== undefined && since <= minor ? text : undefined;
}
