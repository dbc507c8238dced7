/** Names that may stand at a place, from all files of the folder. */
import { isRecord } from '../shared/deep.ts';
import type { CompletionPlace } from './completion-place.ts';
import { containerAround, labelsAt, clusterScope, selects } from './facts.ts';
import { textAt } from './object-view.ts';
import { childOf, nodeAt, pathOf } from './outline.ts';
import type { OutlineNode } from './outline.ts';
import type { Piece, Project } from './project.ts';
import { referenceTable } from './reference-table.ts';
import type { Naming } from './reference-table.ts';

export interface Name {
  readonly name: string;
  readonly detail: string;
  /** Further away: in another namespace. */
  readonly far?: boolean;
}

export interface NameContext {
  readonly project: Project;
  readonly piece: Piece;
  /** The outline of the piece as it is. */
  readonly root: OutlineNode;
  readonly namespace: string;
}

function unique(names: readonly Name[]): readonly Name[] {
  const found = new Map<string, Name>();
  for (const one of names) if (!found.has(one.name) || found.get(one.name)?.far === true) found.set(one.name, one);
  return [...found.values()];
}

function fileOf(piece: Piece): string {
  return piece.path.slice(piece.path.lastIndexOf('/') + 1);
}

function objectNames(
  naming: Naming & { readonly what: 'object' },
  { project, namespace }: NameContext,
): readonly Name[] {
  const { group, kind, namespaced } = naming.target;
  const wanted = namespaced ? (naming.namespace ?? namespace) : clusterScope;
  return project.objectsOf(group, kind).map(({ fact, piece }) => ({
    name: fact.name,
    detail: `${kind} in ${fileOf(piece)}`,
    far: namespaced && fact.namespace !== (wanted === 'default' ? '' : wanted),
  }));
}

function partNames(
  naming: Naming & { readonly what: 'key' | 'service-port' },
  { project, namespace }: NameContext,
): readonly Name[] {
  const { group, kind } = naming.target;
  return project
    .objectsOf(group, kind)
    .filter(({ fact }) => fact.name === naming.name && fact.namespace === namespace)
    .flatMap(({ fact }) =>
      (naming.what === 'key' ? fact.keys : fact.ports).map((name) => ({ name, detail: `of ${kind} ${fact.name}` })),
    );
}

function textsOf(nodes: readonly OutlineNode[] | undefined, detail: string): readonly Name[] {
  return (nodes ?? []).flatMap((node) => {
    const name = childOf(node, 'name');
    return name?.form === 'scalar' ? [{ name: name.text, detail }] : [];
  });
}

/** Those of the pod, and those that a StatefulSet makes by its claims. */
function volumesOf(spec: OutlineNode | undefined): readonly Name[] {
  const claims = childOf(spec?.parent?.parent, 'volumeClaimTemplates')?.children.map((claim) =>
    childOf(claim, 'metadata'),
  );
  return [
    ...textsOf(childOf(spec, 'volumes')?.children, 'volume of this pod'),
    ...textsOf(
      claims?.filter((one) => one !== undefined),
      'claim of this StatefulSet',
    ),
  ];
}

function targetPorts(context: NameContext, node: OutlineNode): readonly Name[] {
  const spec = node.parent?.parent?.parent;
  const selector = labelsAt(childOf(spec, 'selector'));
  return context.project.symbols.ports
    .filter(
      ({ fact }) => fact.role === 'declares' && fact.namespace === context.namespace && selects(selector, fact.labels),
    )
    .map(({ fact, piece }) => ({ name: fact.name, detail: `port of pods in ${fileOf(piece)}` }));
}

/** The same place in the outline of the whole piece, where also what follows it is known. */
function inWhole(node: OutlineNode, root: OutlineNode): OutlineNode {
  return nodeAt(root, pathOf(node)) ?? node;
}

export function namesAt({ place, node }: CompletionPlace, context: NameContext): readonly Name[] {
  const { owner, property } = place ?? {};
  if (owner === undefined || property === undefined || !node.parent) return [];
  const map = inWhole(node.parent, context.root);
  const naming = referenceTable[owner]?.[property]?.(map);
  if (!naming) return [];
  switch (naming.what) {
    case 'object':
      return unique(objectNames(naming, context));
    case 'key':
    case 'service-port':
      return unique(partNames(naming, context));
    case 'volume':
      return volumesOf(containerAround(map)?.parent?.parent);
    case 'container-port':
      return textsOf(childOf(containerAround(map), 'ports')?.children, 'port of this container');
    case 'target-port':
      return unique(targetPorts(context, map.children[0] ?? node));
  }
}

/** Labels of pods, `key` to values, for selectors. Of a workload's own selector, the labels of its template. */
export function selectableLabels(
  { place, node }: CompletionPlace,
  context: NameContext,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const add = (labels: Readonly<Record<string, string>>): void => {
    for (const [key, value] of Object.entries(labels)) {
      const values = found.get(key) ?? [];
      if (!values.includes(value)) values.push(value);
      found.set(key, values);
    }
  };
  if (place?.owner === 'meta/v1.LabelSelector') {
    const holder = node.unfinished || node.key === undefined ? node.parent : node;
    const selector = holder?.step === 'matchLabels' ? holder.parent : holder?.parent?.parent;
    const spec = selector?.step === 'selector' && selector.parent ? inWhole(selector.parent, context.root) : undefined;
    const own = childOf(childOf(childOf(spec, 'template'), 'metadata'), 'labels');
    if (own) add(labelsAt(own));
    if (found.size > 0) return found;
  }
  for (const { fact } of context.project.symbols.objects)
    if (fact.podLabels && fact.namespace === context.namespace) add(fact.podLabels);
  return found;
}

/** The keys of labels, and their values beside a key, in the expressions of selectors. */
export function requirementNames({ place, node }: CompletionPlace, context: NameContext): readonly Name[] {
  const { owner, property } = place ?? {};
  if (owner !== 'meta/v1.LabelSelectorRequirement') return [];
  const labels = new Map<string, Set<string>>();
  for (const { fact } of context.project.symbols.objects) {
    if (fact.namespace !== context.namespace) continue;
    for (const [key, value] of Object.entries(fact.podLabels ?? {}))
      labels.set(key, (labels.get(key) ?? new Set()).add(value));
  }
  if (property === 'key') return [...labels.keys()].map((name) => ({ name, detail: 'label of pods' }));
  if (property !== 'values') return [];
  const list = node.step === 'values' ? node : node.parent;
  const key = textAt(list?.parent ? inWhole(list.parent, context.root) : undefined, 'key');
  return [...(labels.get(key ?? '') ?? [])].map((name) => ({ name, detail: `value of ${key}` }));
}

export function isSelectorPlace({ place }: CompletionPlace): boolean {
  const { owner, property } = place ?? {};
  return (
    (owner === 'v1.ServiceSpec' && property === 'selector') ||
    (owner === 'meta/v1.LabelSelector' && property === 'matchLabels')
  );
}

/** Keys that people write into maps whose keys the schema leaves open. */
const commonKeys: Readonly<Record<string, readonly string[]>> = {
  'v1.ResourceRequirements.requests': ['cpu', 'memory', 'ephemeral-storage'],
  'v1.ResourceRequirements.limits': ['cpu', 'memory', 'ephemeral-storage'],
  'v1.VolumeResourceRequirements.requests': ['storage'],
  'v1.PodSpec.nodeSelector': ['kubernetes.io/os', 'kubernetes.io/arch', 'kubernetes.io/hostname'],
  'v1.ResourceQuotaSpec.hard': [
    'pods',
    'requests.cpu',
    'requests.memory',
    'limits.cpu',
    'limits.memory',
    'services',
    'secrets',
    'configmaps',
    'persistentvolumeclaims',
  ],
  'meta/v1.ObjectMeta.labels': [
    'app.kubernetes.io/name',
    'app.kubernetes.io/instance',
    'app.kubernetes.io/version',
    'app.kubernetes.io/component',
    'app.kubernetes.io/part-of',
    'app.kubernetes.io/managed-by',
  ],
  'meta/v1.ObjectMeta.annotations': ['kubewright.dev/disable'],
};

export function commonKeysAt({ place }: CompletionPlace): readonly string[] {
  return commonKeys[`${place?.owner}.${place?.property}`] ?? [];
}

/** Values that people write where the schema has a text without an enumeration. */
const commonValues: Readonly<Record<string, readonly string[]>> = {
  'rbac.authorization.k8s.io/v1.PolicyRule.verbs': [
    'get',
    'list',
    'watch',
    'create',
    'update',
    'patch',
    'delete',
    'deletecollection',
  ],
  'meta/v1.LabelSelectorRequirement.operator': ['In', 'NotIn', 'Exists', 'DoesNotExist'],
  'v1.NodeSelectorRequirement.operator': ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'],
  'v1.NodeSelectorRequirement.key': ['kubernetes.io/os', 'kubernetes.io/arch', 'kubernetes.io/hostname'],
  'rbac.authorization.k8s.io/v1.RoleRef.kind': ['Role', 'ClusterRole'],
  'rbac.authorization.k8s.io/v1.RoleRef.apiGroup': ['rbac.authorization.k8s.io'],
  'rbac.authorization.k8s.io/v1.Subject.kind': ['ServiceAccount', 'User', 'Group'],
  'autoscaling/v2.CrossVersionObjectReference.kind': ['Deployment', 'StatefulSet', 'ReplicaSet'],
  'autoscaling/v2.CrossVersionObjectReference.apiVersion': ['apps/v1'],
  'autoscaling/v2.ResourceMetricSource.name': ['cpu', 'memory'],
  'v1.Secret.type': [
    'Opaque',
    'kubernetes.io/tls',
    'kubernetes.io/dockerconfigjson',
    'kubernetes.io/basic-auth',
    'kubernetes.io/ssh-auth',
  ],
  'v1.ObjectFieldSelector.fieldPath': [
    'metadata.name',
    'metadata.namespace',
    'metadata.uid',
    'spec.nodeName',
    'spec.serviceAccountName',
    'status.podIP',
    'status.hostIP',
  ],
  'v1.ResourceFieldSelector.resource': ['limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'],
  'v1.Capabilities.drop': ['ALL', 'NET_RAW'],
  'v1.Capabilities.add': ['NET_BIND_SERVICE', 'CHOWN', 'SETUID', 'SETGID', 'NET_ADMIN', 'SYS_TIME'],
  'v1.PersistentVolumeClaimSpec.accessModes': ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'],
  'v1.PodAffinityTerm.topologyKey': ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
  'v1.TopologySpreadConstraint.topologyKey': ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
  'batch/v1.CronJobSpec.schedule': ['"0 * * * *"', '"0 3 * * *"', '"*/5 * * * *"'],
};

/** Roles that every cluster has for people to use. */
const userRoles = ['view', 'edit', 'admin', 'cluster-admin'];

export function commonValuesAt({ place, node }: CompletionPlace, project: Project): readonly string[] {
  const id = `${place?.owner}.${place?.property}`;
  if (id === 'rbac.authorization.k8s.io/v1.RoleRef.name')
    return textAt(node.parent, 'kind') === 'ClusterRole' ? userRoles : [];
  if (id === 'meta/v1.ObjectMeta.namespace') {
    const used = project.symbols.objects.map(({ fact }) => fact.namespace);
    return [...new Set([...used, 'default', 'kube-system'])].filter((name) => name !== '' && name !== clusterScope);
  }
  if (id === 'rbac.authorization.k8s.io/v1.PolicyRule.resources') {
    return [...new Set([...project.workspace.registry.all()].map(({ plural }) => plural))];
  }
  if (id === 'rbac.authorization.k8s.io/v1.PolicyRule.apiGroups') {
    return [...new Set([...project.workspace.registry.all()].map(({ group }) => (group === '' ? '""' : group)))];
  }
  return commonValues[id] ?? [];
}

export function isDocumentationKey(value: unknown): value is { readonly owner: string; readonly property: string } {
  return isRecord(value) && typeof value['owner'] === 'string' && typeof value['property'] === 'string';
}
