/** Keeps each node to itself and to its pods, so that whoever breaks out of one has no power over others (NodeRestriction). */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import { Lease } from '../../../../types/kinds/coordination/lease.ts';
import { Node } from '../../../../types/kinds/core/node.ts';
import { Pod } from '../../../../types/kinds/core/pod.ts';
import { ResourceSlice } from '../../../../types/kinds/resource/resource-slice.ts';
import { CSINode } from '../../../../types/kinds/storage/csi-node.ts';
import { deepEqual } from '../../../../shared/deep.ts';
import type { KubeObject } from '../../../../types/meta.ts';
import { isOfKind } from '../../fields.ts';
import type { UserInfo } from '../../request.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const NODES_GROUP = 'system:nodes';
const NODE_USER = 'system:node:';
const MIRROR = 'kubernetes.io/config.mirror';
const LEASES = 'kube-node-lease';

/** The node that the user is; undefined for everybody else. */
export function nodeOf({ username, groups }: UserInfo): string | undefined {
  if (!groups.includes(NODES_GROUP) || !username.startsWith(NODE_USER)) return undefined;
  return username.slice(NODE_USER.length);
}

/** Why a node may not do this; undefined when it may. */
type Rule = (request: AdmissionRequest, object: KubeObject | undefined, node: string) => string | undefined;

const rules: ReadonlyMap<KindDefinition['typeName'], Rule> = new Map([
  [Node.typeName, nodeFault],
  [Pod.typeName, podFault],
  [Lease.typeName, leaseFault],
  [CSINode.typeName, ownNameFault('CSINode')],
  [ResourceSlice.typeName, sliceFault],
]);

export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  handles: ({ kind, user }) => rules.has(kind.typeName) && user.groups.includes(NODES_GROUP),
  async validate(request, object) {
    const node = nodeOf(request.user);
    const fault =
      node === undefined
        ? `could not determine node from user ${JSON.stringify(request.user.username)}`
        : rules.get(request.kind.typeName)?.(request, object, node);
    if (fault !== undefined) throw forbidden(request.kind, request.name, fault);
  },
};

function ownNameFault(what: string): Rule {
  return ({ name }, _object, node) =>
    name === node ? undefined : `can only access ${what} with the same name as the requesting node`;
}

function leaseFault(request: AdmissionRequest, object: KubeObject | undefined, node: string): string | undefined {
  if (request.namespace !== LEASES) return `can only access leases in the "${LEASES}" system namespace`;
  return ownNameFault('node lease')(request, object, node);
}

function sliceFault({ previous }: AdmissionRequest, object: KubeObject | undefined, node: string): string | undefined {
  const slices = [object, previous].filter((each) => each !== undefined);
  const isOwn = (slice: KubeObject): boolean => isOfKind(ResourceSlice, slice) && slice.spec?.nodeName === node;
  return slices.every(isOwn)
    ? undefined
    : 'can only access ResourceSlice with the same NodeName as the requesting node';
}

function podFault(request: AdmissionRequest, object: KubeObject | undefined, node: string): string | undefined {
  const { operation, previous } = request;
  const isOwn = (pod: KubeObject | undefined): boolean => isOfKind(Pod, pod) && pod.spec?.nodeName === node;
  if (operation === 'CREATE') {
    if (object?.metadata.annotations?.[MIRROR] === undefined)
      return `pod does not have "${MIRROR}" annotation, node "${node}" can only create mirror pods`;
    return isOwn(object) ? undefined : `node "${node}" can only create pods with spec.nodeName set to itself`;
  }
  if (isOwn(previous)) return undefined;
  return operation === 'DELETE'
    ? `node "${node}" can only delete pods with spec.nodeName set to itself`
    : `node "${node}" can only update pod status for pods with spec.nodeName set to itself`;
}

function nodeFault(request: AdmissionRequest, object: KubeObject | undefined, node: string): string | undefined {
  const { name, operation, previous } = request;
  if (name !== node) return `node "${node}" is not allowed to modify node "${name}"`;
  const [before, after] = [previous?.metadata.labels ?? {}, object?.metadata.labels ?? {}];
  if (operation === 'DELETE') return undefined;
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key] && isReserved(key))
    .sort();
  if (changed.length > 0) {
    const what = operation === 'CREATE' ? 'set the following labels' : 'modify labels';
    return `node "${node}" is not allowed to ${what}: ${changed.join(', ')}`;
  }
  if (operation !== 'UPDATE' || !isOfKind(Node, previous) || !isOfKind(Node, object)) return undefined;
  return deepEqual(previous.spec?.taints ?? [], object.spec?.taints ?? [])
    ? undefined
    : `node "${node}" is not allowed to modify taints`;
}

/** What a node says of itself. */
const ownLabels: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]);
const ownDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** Labels by which pods are kept apart must not be the node's to choose. */
function isReserved(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash < 0 ? '' : key.slice(0, slash);
  const isIn = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
  if (isIn('node-restriction.kubernetes.io')) return true;
  if (!isIn('kubernetes.io') && !isIn('k8s.io')) return false;
  return !ownLabels.has(key) && !ownDomains.some(isIn);
}
