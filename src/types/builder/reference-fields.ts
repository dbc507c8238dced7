/**
 * Fields that name another object, and the kinds of that object: a built one may stand there in place of its name, and
 * the builder writes what Kubernetes reads. The types of the builders are generated from the same table.
 */

/** Kinds that have pods, whose labels a selector is made of. */
export const workloadKinds = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Pod',
] as const;

/** What a handle turns into. */
export type ReferenceForm =
  /** Its name. */
  | 'name'
  /** `{ name }`. */
  | 'local'
  /** `{ apiVersion, kind, name }`. */
  | 'object'
  /** `{ apiGroup, kind, name }`. */
  | 'role'
  /** `{ kind, name, namespace }`. */
  | 'subject'
  /** The labels of its pods. */
  | 'labels'
  /** `{ matchLabels }` of its pods. */
  | 'selector'
  /** `{ matchLabels }` of a namespace, by the label that every namespace has. */
  | 'namespace-selector';

export interface ReferenceField {
  /** Names of the types that have the field. */
  readonly types: readonly string[];
  readonly field: string;
  readonly kinds: readonly string[];
  readonly form: ReferenceForm;
  /** Where several fields have the name: the fields that the holding object stands in. */
  readonly under?: readonly string[];
  /** Kinds of the objects that the field is in, where others have a field of the name. */
  readonly of?: readonly string[];
}

const named = (
  types: readonly string[],
  field: string,
  kinds: readonly string[],
  under?: readonly string[],
): ReferenceField => ({ types, field, kinds, form: 'name', ...(under ? { under } : {}) });

export const referenceFields: readonly ReferenceField[] = [
  named(['meta/v1.ObjectMeta'], 'namespace', ['Namespace'], ['metadata']),
  named(['v1.PodSpec'], 'serviceAccountName', ['ServiceAccount']),
  named(['v1.PodSpec'], 'priorityClassName', ['PriorityClass']),
  named(['v1.PodSpec'], 'runtimeClassName', ['RuntimeClass']),
  named(['v1.PersistentVolumeClaimVolumeSource'], 'claimName', ['PersistentVolumeClaim']),
  named(['v1.ConfigMapVolumeSource', 'v1.ConfigMapProjection'], 'name', ['ConfigMap'], ['configMap']),
  named(['v1.ConfigMapEnvSource'], 'name', ['ConfigMap'], ['configMapRef']),
  named(['v1.ConfigMapKeySelector'], 'name', ['ConfigMap'], ['configMapKeyRef']),
  named(['v1.SecretVolumeSource', 'networking.k8s.io/v1.IngressTLS'], 'secretName', ['Secret']),
  named(['v1.SecretProjection'], 'name', ['Secret'], ['secret']),
  named(['v1.SecretEnvSource'], 'name', ['Secret'], ['secretRef']),
  named(['v1.SecretKeySelector'], 'name', ['Secret'], ['secretKeyRef']),
  named(['apps/v1.StatefulSetSpec'], 'serviceName', ['Service']),
  named(
    [
      'networking.k8s.io/v1.IngressServiceBackend',
      'admissionregistration.k8s.io/v1.ServiceReference',
      'apiextensions.k8s.io/v1.ServiceReference',
      'apiregistration.k8s.io/v1.ServiceReference',
    ],
    'name',
    ['Service'],
    ['service'],
  ),
  named(['networking.k8s.io/v1.IngressSpec'], 'ingressClassName', ['IngressClass']),
  named(['v1.PersistentVolumeClaimSpec', 'v1.PersistentVolumeSpec'], 'storageClassName', ['StorageClass']),
  named(['v1.PersistentVolumeClaimSpec', 'v1.PersistentVolumeSpec'], 'volumeAttributesClassName', [
    'VolumeAttributesClass',
  ]),
  named(['v1.PersistentVolumeClaimSpec'], 'volumeName', ['PersistentVolume']),
  named(['v1.PodResourceClaim'], 'resourceClaimName', ['ResourceClaim']),
  named(['v1.PodResourceClaim'], 'resourceClaimTemplateName', ['ResourceClaimTemplate']),
  named(
    [
      'resource.k8s.io/v1.ExactDeviceRequest',
      'resource.k8s.io/v1.DeviceSubRequest',
      'resource.k8s.io/v1beta2.ExactDeviceRequest',
      'resource.k8s.io/v1beta2.DeviceSubRequest',
      'resource.k8s.io/v1beta1.DeviceRequest',
      'resource.k8s.io/v1beta1.DeviceSubRequest',
    ],
    'deviceClassName',
    ['DeviceClass'],
  ),
  named(['admissionregistration.k8s.io/v1.ValidatingAdmissionPolicyBindingSpec'], 'policyName', [
    'ValidatingAdmissionPolicy',
  ]),
  named(
    [
      'admissionregistration.k8s.io/v1.MutatingAdmissionPolicyBindingSpec',
      'admissionregistration.k8s.io/v1beta1.MutatingAdmissionPolicyBindingSpec',
    ],
    'policyName',
    ['MutatingAdmissionPolicy'],
  ),
  { types: ['v1.PodSpec', 'v1.ServiceAccount'], field: 'imagePullSecrets', kinds: ['Secret'], form: 'local' },
  {
    types: ['autoscaling/v1.HorizontalPodAutoscalerSpec', 'autoscaling/v2.HorizontalPodAutoscalerSpec'],
    field: 'scaleTargetRef',
    kinds: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'],
    form: 'object',
  },
  {
    types: ['autoscaling/v2.ObjectMetricSource'],
    field: 'describedObject',
    kinds: ['Service', 'Ingress', 'Pod', 'Deployment', 'StatefulSet'],
    form: 'object',
  },
  {
    types: ['rbac.authorization.k8s.io/v1.RoleBinding'],
    field: 'roleRef',
    kinds: ['Role', 'ClusterRole'],
    form: 'role',
    of: ['RoleBinding'],
  },
  {
    types: ['rbac.authorization.k8s.io/v1.ClusterRoleBinding'],
    field: 'roleRef',
    kinds: ['ClusterRole'],
    form: 'role',
    of: ['ClusterRoleBinding'],
  },
  {
    types: ['rbac.authorization.k8s.io/v1.RoleBinding', 'rbac.authorization.k8s.io/v1.ClusterRoleBinding'],
    field: 'subjects',
    kinds: ['ServiceAccount'],
    form: 'subject',
  },
  { types: ['v1.ServiceSpec'], field: 'selector', kinds: workloadKinds, form: 'labels', of: ['Service'] },
  {
    types: ['policy/v1.PodDisruptionBudgetSpec'],
    field: 'selector',
    kinds: workloadKinds,
    form: 'selector',
    of: ['PodDisruptionBudget'],
  },
  {
    types: ['networking.k8s.io/v1.NetworkPolicySpec', 'networking.k8s.io/v1.NetworkPolicyPeer'],
    field: 'podSelector',
    kinds: workloadKinds,
    form: 'selector',
  },
  {
    types: ['networking.k8s.io/v1.NetworkPolicyPeer'],
    field: 'namespaceSelector',
    kinds: ['Namespace'],
    form: 'namespace-selector',
  },
  {
    types: ['v1.PodAffinityTerm', 'v1.TopologySpreadConstraint'],
    field: 'labelSelector',
    kinds: workloadKinds,
    form: 'selector',
  },
];
