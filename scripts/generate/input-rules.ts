/** What the builders check beyond the schema: names that refer to others, texts of a fixed form, and one-ofs. */

/** Type parameters of the input types, in their order. */
export const parameters = [
  'PortName',
  'VolumeName',
  'TargetPort',
  'ServicePortName',
  'BackendPort',
  'DataKey',
  'BinaryKey',
  'QuantityText',
  'SizeText',
  'PercentText',
  'AddressText',
  'RangeText',
  'ScheduleText',
  'HostText',
  'ObjectName',
  'Unions',
] as const;
export type Parameter = (typeof parameters)[number];

/** Of these nothing is declared when the input says nothing of them; of the others nothing is known. */
export const declaring: ReadonlySet<Parameter> = new Set([
  'PortName',
  'VolumeName',
  'ServicePortName',
  'DataKey',
  'BinaryKey',
]);

/** How a parameter is declared where it is given a default. */
export function declared(name: Parameter): string {
  return name === 'Unions' ? `${name} extends UnionMode = "checked"` : `${name} extends string = string`;
}

export interface FieldRule {
  /** `{type name}` stands for the input type of that name. */
  readonly type: string;
  /** Other than in the schema. */
  readonly required?: boolean;
}

const size = 'number | QuantityLiteral<SizeText>';
const probePort: FieldRule = { type: 'number | Declared<PortName, "port">' };
const address: FieldRule = { type: 'AddressLiteral<AddressText>' };
const percent: FieldRule = { type: 'number | PercentLiteral<PercentText>' };
const ranges: FieldRule = { type: 'readonly RangeLiteral<RangeText>[]' };
const derived: FieldRule = { type: '{meta/v1.LabelSelector}', required: false };
const target: FieldRule = { type: 'number | NoInfer<TargetPort>' };
const spec = (type: string): FieldRule => ({ type: `{${type}}`, required: true });

export const fieldRules: Readonly<Record<string, FieldRule>> = {
  'v1.ContainerPort.name': { type: 'PortName' },
  'v1.HTTPGetAction.port': probePort,
  'v1.TCPSocketAction.port': probePort,
  'v1.Volume.name': { type: 'VolumeName' },
  // Apart from the quantities of containers: unions are made anew for every set of names and texts in them.
  'v1.EmptyDirVolumeSource.sizeLimit': { type: size },
  'v1.VolumeResourceRequirements.limits': { type: `{ readonly [key: string]: ${size} }` },
  'v1.VolumeResourceRequirements.requests': { type: `{ readonly [key: string]: ${size} }` },
  'v1.ResourceFieldSelector.divisor': { type: 'string | number' },
  'v1.VolumeMount.name': { type: 'Declared<VolumeName, "volume">' },
  'v1.VolumeDevice.name': { type: 'Declared<VolumeName, "volume">' },
  'apps/v1.StatefulSetSpec.volumeClaimTemplates': { type: 'readonly {claim}[]' },
  'v1.PodTemplateSpec.metadata': { type: 'TemplateMetaInput' },
  'batch/v1.JobSpec.template': { type: '{v1.PodTemplateSpec} & FinishingTemplate' },
  'batch/v1.JobTemplateSpec.metadata': { type: 'TemplateMetaInput' },
  'v1.Pod.spec': spec('v1.PodSpec'),
  'apps/v1.Deployment.spec': spec('apps/v1.DeploymentSpec'),
  'apps/v1.StatefulSet.spec': spec('apps/v1.StatefulSetSpec'),
  'apps/v1.DaemonSet.spec': spec('apps/v1.DaemonSetSpec'),
  'apps/v1.ReplicaSet.spec': spec('apps/v1.ReplicaSetSpec'),
  'batch/v1.Job.spec': spec('batch/v1.JobSpec'),
  'batch/v1.CronJob.spec': spec('batch/v1.CronJobSpec'),
  'apps/v1.DeploymentSpec.selector': derived,
  'apps/v1.StatefulSetSpec.selector': derived,
  'apps/v1.DaemonSetSpec.selector': derived,
  'apps/v1.ReplicaSetSpec.selector': derived,
  'v1.ServicePort.targetPort': target,
  'v1.ServicePort.name': { type: 'ServicePortName' },
  'v1.ServiceSpec.selector': {
    type: '{ readonly [label: string]: string } | (Reference<WorkloadKind> & SelectsPorts<TargetPort>)',
  },
  'networking.k8s.io/v1.IngressServiceBackend.name': {
    type: 'string | (Reference<"Service"> & ServesPorts<BackendPort>)',
  },
  'networking.k8s.io/v1.ServiceBackendPort.name': { type: 'NoInfer<BackendPort> | ServedPortName' },
  'networking.k8s.io/v1.IngressRule.host': { type: 'HostLiteral<HostText>' },
  'networking.k8s.io/v1.IngressTLS.hosts': { type: 'readonly HostLiteral<HostText>[]' },
  'networking.k8s.io/v1.IPBlock.cidr': { type: 'RangeLiteral<RangeText>' },
  'networking.k8s.io/v1.IPBlock.except': ranges,
  'v1.ServiceSpec.clusterIP': { type: '"None" | "" | AddressLiteral<AddressText>' },
  'v1.ServiceSpec.externalIPs': { type: 'readonly AddressLiteral<AddressText>[]' },
  'v1.ServiceSpec.loadBalancerIP': address,
  'v1.ServiceSpec.loadBalancerSourceRanges': ranges,
  'v1.HostAlias.ip': address,
  'v1.PodDNSConfig.nameservers': { type: 'readonly AddressLiteral<AddressText>[]' },
  'batch/v1.CronJobSpec.schedule': { type: 'ScheduleLiteral<ScheduleText>' },
  'apps/v1.RollingUpdateDaemonSet.maxSurge': percent,
  'apps/v1.RollingUpdateDaemonSet.maxUnavailable': percent,
  'apps/v1.RollingUpdateDeployment.maxSurge': percent,
  'apps/v1.RollingUpdateDeployment.maxUnavailable': percent,
  'apps/v1.RollingUpdateStatefulSetStrategy.maxUnavailable': percent,
  'policy/v1.PodDisruptionBudgetSpec.maxUnavailable': percent,
  'policy/v1.PodDisruptionBudgetSpec.minAvailable': percent,
  'v1.ConfigMap.data': { type: '{ readonly [key in DataKey]: string }' },
  'v1.ConfigMap.binaryData': { type: '{ readonly [key in BinaryKey]: string }' },
  'v1.Secret.stringData': { type: '{ readonly [key in DataKey]: string }' },
  'v1.Secret.data': { type: '{ readonly [key in BinaryKey]: string }' },
  'meta/v1.LabelSelectorRequirement.operator': { type: '"In" | "NotIn" | "Exists" | "DoesNotExist"' },
  'rbac.authorization.k8s.io/v1.RoleRef.kind': { type: '"Role" | "ClusterRole"' },
  'rbac.authorization.k8s.io/v1.Subject.kind': { type: '"User" | "Group" | "ServiceAccount"' },
};

/** Types whose fields exclude one another. */
export interface UnionRule {
  readonly fields: readonly string[] | 'all';
  /** Fields of the type that do not belong to the union; for `all`. */
  readonly beside?: readonly string[];
  readonly rule: string;
  readonly none?: boolean;
}
const exactly = (fields: UnionRule['fields'], what: string, beside?: readonly string[]): UnionRule => ({
  fields,
  rule: `${what} has exactly one of its fields`,
  ...(beside ? { beside } : {}),
});
const atMost = (fields: readonly string[], rule: string): UnionRule => ({ fields, rule, none: true });

/** Unions that are everywhere in pods: comparing each literal with all alternatives costs more than all the rest. */
export const optionalUnions: ReadonlySet<string> = new Set(['v1.Volume', 'v1.Probe', 'v1.EnvVar', 'v1.EnvVarSource']);

export const unionRules: Readonly<Record<string, UnionRule>> = {
  'v1.Volume': { fields: 'all', beside: ['name'], rule: 'a volume has exactly one source' },
  'v1.VolumeProjection': { fields: 'all', rule: 'a projected source is exactly one source' },
  'v1.PersistentVolumeSpec': {
    fields: 'all',
    beside: [
      'accessModes',
      'capacity',
      'claimRef',
      'mountOptions',
      'nodeAffinity',
      'persistentVolumeReclaimPolicy',
      'storageClassName',
      'volumeAttributesClassName',
      'volumeMode',
    ],
    rule: 'a persistent volume has exactly one source',
  },
  'v1.Probe': {
    fields: ['exec', 'grpc', 'httpGet', 'tcpSocket'],
    rule: 'a probe has exactly one of exec, grpc, httpGet and tcpSocket',
  },
  'v1.LifecycleHandler': {
    fields: 'all',
    rule: 'a lifecycle handler has exactly one of exec, httpGet, sleep and tcpSocket',
  },
  'v1.EnvVar': atMost(['value', 'valueFrom'], 'a variable has a value or a valueFrom, not both'),
  'v1.EnvVarSource': { fields: 'all', rule: 'valueFrom has exactly one source' },
  'v1.EnvFromSource': {
    fields: ['configMapRef', 'secretRef'],
    rule: 'envFrom names exactly one of configMapRef and secretRef',
  },
  'v1.PodResourceClaim': exactly(['resourceClaimName', 'resourceClaimTemplateName'], 'a resource claim of a pod'),
  'networking.k8s.io/v1.IngressBackend': {
    fields: 'all',
    rule: 'a backend is exactly one of service and resource',
  },
  'networking.k8s.io/v1.ServiceBackendPort': {
    fields: 'all',
    rule: 'the port of a backend has exactly one of name and number',
  },
  'networking.k8s.io/v1.NetworkPolicyPeer': atMost(
    ['ipBlock', 'podSelector'],
    'a peer is an ipBlock, or pods by podSelector and namespaceSelector, not both',
  ),
  'policy/v1.PodDisruptionBudgetSpec': atMost(
    ['maxUnavailable', 'minAvailable'],
    'a disruption budget has minAvailable or maxUnavailable, not both',
  ),
  'admissionregistration.k8s.io/v1.WebhookClientConfig': {
    fields: ['service', 'url'],
    rule: 'clientConfig has exactly one of service and url',
  },
  'apiextensions.k8s.io/v1.WebhookClientConfig': {
    fields: ['service', 'url'],
    rule: 'clientConfig has exactly one of service and url',
  },
  'admissionregistration.k8s.io/v1.ParamRef': {
    fields: ['name', 'selector'],
    rule: 'paramRef has exactly one of name and selector',
  },
  'batch/v1.PodFailurePolicyRule': {
    fields: ['onExitCodes', 'onPodConditions'],
    rule: 'a rule has exactly one of onExitCodes and onPodConditions',
  },
  'resource.k8s.io/v1.DeviceRequest': {
    fields: ['exactly', 'firstAvailable'],
    rule: 'a request has exactly one of exactly and firstAvailable',
  },
  'resource.k8s.io/v1beta2.DeviceRequest': {
    fields: ['exactly', 'firstAvailable'],
    rule: 'a request has exactly one of exactly and firstAvailable',
  },
  'admissionregistration.k8s.io/v1beta1.ParamRef': {
    fields: ['name', 'selector'],
    rule: 'paramRef has exactly one of name and selector',
  },
  'storage.k8s.io/v1.VolumeAttachmentSource': {
    fields: 'all',
    rule: 'the source of an attachment is exactly one of inlineVolumeSpec and persistentVolumeName',
  },
  'rbac.authorization.k8s.io/v1.PolicyRule': atMost(
    ['nonResourceURLs', 'resources'],
    'a rule is about resources or about nonResourceURLs, not both',
  ),
};

/** Types whose tag says which of their fields they have. */
export interface TagRule {
  readonly tag: string;
  /** Values of the tag; `?` after a field makes it optional there. */
  readonly arms: Readonly<Record<string, readonly string[]>>;
  /** The arm that is meant when there is no tag. */
  readonly preset?: string;
}

export const tagRules: Readonly<Record<string, TagRule>> = {
  'autoscaling/v2.MetricSpec': {
    tag: 'type',
    arms: {
      ContainerResource: ['containerResource'],
      External: ['external'],
      Object: ['object'],
      Pods: ['pods'],
      Resource: ['resource'],
    },
  },
  'autoscaling/v2.MetricTarget': {
    tag: 'type',
    arms: { AverageValue: ['averageValue'], Utilization: ['averageUtilization'], Value: ['value'] },
  },
  'apps/v1.DeploymentStrategy': {
    tag: 'type',
    arms: { Recreate: [], RollingUpdate: ['rollingUpdate?'] },
    preset: 'RollingUpdate',
  },
  'apps/v1.DaemonSetUpdateStrategy': {
    tag: 'type',
    arms: { OnDelete: [], RollingUpdate: ['rollingUpdate?'] },
    preset: 'RollingUpdate',
  },
  'apps/v1.StatefulSetUpdateStrategy': {
    tag: 'type',
    arms: { OnDelete: [], RollingUpdate: ['rollingUpdate?'] },
    preset: 'RollingUpdate',
  },
  'v1.SeccompProfile': {
    tag: 'type',
    arms: { Localhost: ['localhostProfile'], RuntimeDefault: [], Unconfined: [] },
  },
  'v1.AppArmorProfile': {
    tag: 'type',
    arms: { Localhost: ['localhostProfile'], RuntimeDefault: [], Unconfined: [] },
  },
  'admissionregistration.k8s.io/v1.Mutation': {
    tag: 'patchType',
    arms: { ApplyConfiguration: ['applyConfiguration'], JSONPatch: ['jsonPatch'] },
  },
  'admissionregistration.k8s.io/v1beta1.Mutation': {
    tag: 'patchType',
    arms: { ApplyConfiguration: ['applyConfiguration'], JSONPatch: ['jsonPatch'] },
  },
  'flowcontrol.apiserver.k8s.io/v1.Subject': {
    tag: 'kind',
    arms: { Group: ['group'], ServiceAccount: ['serviceAccount'], User: ['user'] },
  },
  'flowcontrol.apiserver.k8s.io/v1.PriorityLevelConfigurationSpec': {
    tag: 'type',
    arms: { Exempt: ['exempt?'], Limited: ['limited'] },
  },
  'flowcontrol.apiserver.k8s.io/v1.LimitResponse': {
    tag: 'type',
    arms: { Queue: ['queuing?'], Reject: [] },
  },
};

/** Groups and kinds whose names may be more than DNS names. */
export function hasDnsName(apiVersion: string, kind: string): boolean {
  return !/^rbac\.|^certificates\./.test(apiVersion) && kind !== 'Eviction' && kind !== 'IPAddress' && kind !== 'List';
}
