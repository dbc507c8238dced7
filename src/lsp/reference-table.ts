/** THE table of fields that name something, by the type that has them: whatever kind embeds a type, its references are known. */
import { childOf } from './outline.ts';
import type { OutlineNode } from './outline.ts';
import { textAt } from './object-view.ts';

export interface Target {
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What a field names. */
export type Naming =
  | { readonly what: 'object'; readonly target: Target; readonly namespace?: string }
  /** A key of a ConfigMap or Secret; a port of a Service. */
  | { readonly what: 'key' | 'service-port'; readonly target: Target; readonly name: string }
  /** A volume of the same pod. */
  | { readonly what: 'volume' }
  /** A port of the same container. */
  | { readonly what: 'container-port' }
  /** A port of the pods that the Service selects. */
  | { readonly what: 'target-port' };

type ReadNaming = (map: OutlineNode) => Naming | undefined;

const core = (kind: string): Target => ({ group: '', kind, namespaced: true });
const cluster = (group: string, kind: string): Target => ({ group, kind, namespaced: false });

const configMap = core('ConfigMap');
const secret = core('Secret');
const service = core('Service');

const object =
  (target: Target): ReadNaming =>
  () => ({ what: 'object', target });

function keyOf(target: Target, nameField: string): ReadNaming {
  return (map) => {
    const name = textAt(map, nameField);
    return name === undefined ? undefined : { what: 'key', target, name };
  };
}

/** A key in `items`: the object is named beside the list. */
function keyOfItem(map: OutlineNode): Naming | undefined {
  const source = map.parent?.parent;
  const secretName = textAt(source, 'secretName');
  if (secretName !== undefined) return { what: 'key', target: secret, name: secretName };
  const name = textAt(source, 'name');
  if (name === undefined) return undefined;
  return { what: 'key', target: source?.step === 'secret' ? secret : configMap, name };
}

/** A mount of one file of a ConfigMap or Secret: `subPath` is the key, unless the volume gives it another name. */
function keyOfMount(map: OutlineNode): Naming | undefined {
  const name = textAt(map, 'name');
  const spec = map.parent?.parent?.parent?.parent;
  const volume = childOf(spec, 'volumes')?.children.find((one) => textAt(one, 'name') === name);
  const source = childOf(volume, 'configMap') ?? childOf(volume, 'secret');
  if (name === undefined || !source || childOf(source, 'items')) return undefined;
  const owner = textAt(source, source.step === 'secret' ? 'secretName' : 'name');
  return owner === undefined
    ? undefined
    : { what: 'key', target: source.step === 'secret' ? secret : configMap, name: owner };
}

function servicePort(map: OutlineNode): Naming | undefined {
  const name = textAt(map.parent, 'name');
  return name === undefined ? undefined : { what: 'service-port', target: service, name };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

/** The kind stands beside the name. */
function typed(map: OutlineNode): Naming | undefined {
  const kind = textAt(map, 'kind');
  if (kind === undefined) return undefined;
  const group = textAt(map, 'apiGroup') ?? groupOf(textAt(map, 'apiVersion') ?? '');
  const namespace = textAt(map, 'namespace');
  return {
    what: 'object',
    target: { group, kind, namespaced: true },
    ...(namespace === undefined ? {} : { namespace }),
  };
}

function role(map: OutlineNode): Naming | undefined {
  const kind = textAt(map, 'kind');
  if (kind === undefined) return undefined;
  return { what: 'object', target: { group: 'rbac.authorization.k8s.io', kind, namespaced: kind === 'Role' } };
}

function subject(map: OutlineNode): Naming | undefined {
  if (textAt(map, 'kind') !== 'ServiceAccount') return undefined;
  const namespace = textAt(map, 'namespace');
  return { what: 'object', target: core('ServiceAccount'), ...(namespace === undefined ? {} : { namespace }) };
}

function elsewhere(target: Target): ReadNaming {
  return (map) => {
    const namespace = textAt(map, 'namespace');
    return { what: 'object', target, ...(namespace === undefined ? {} : { namespace }) };
  };
}

function localObject(map: OutlineNode): Naming | undefined {
  const isPullSecret = map.parent?.step === 'imagePullSecrets' || map.step === 'secretRef';
  return isPullSecret ? { what: 'object', target: secret } : undefined;
}

function namedPort(map: OutlineNode): Naming | undefined {
  return isNumber(childOf(map, 'port')) ? undefined : { what: 'container-port' };
}

function isNumber(node: OutlineNode | undefined): boolean {
  return node?.style === 'plain' && /^\d+$/.test(node.text);
}

const serviceReference: Readonly<Record<string, ReadNaming>> = { name: elsewhere(service) };
const storageClass = object(cluster('storage.k8s.io', 'StorageClass'));

export const referenceTable: Readonly<Record<string, Readonly<Record<string, ReadNaming>>>> = {
  'v1.ConfigMapKeySelector': { name: object(configMap), key: keyOf(configMap, 'name') },
  'v1.SecretKeySelector': { name: object(secret), key: keyOf(secret, 'name') },
  'v1.ConfigMapEnvSource': { name: object(configMap) },
  'v1.SecretEnvSource': { name: object(secret) },
  'v1.ConfigMapVolumeSource': { name: object(configMap) },
  'v1.ConfigMapProjection': { name: object(configMap) },
  'v1.SecretVolumeSource': { secretName: object(secret) },
  'v1.SecretProjection': { name: object(secret) },
  'v1.KeyToPath': { key: keyOfItem },
  'v1.SecretReference': { name: elsewhere(secret) },
  'v1.LocalObjectReference': { name: localObject },
  'v1.PersistentVolumeClaimVolumeSource': { claimName: object(core('PersistentVolumeClaim')) },
  'v1.PodSpec': {
    serviceAccountName: object(core('ServiceAccount')),
    serviceAccount: object(core('ServiceAccount')),
    priorityClassName: object(cluster('scheduling.k8s.io', 'PriorityClass')),
    runtimeClassName: object(cluster('node.k8s.io', 'RuntimeClass')),
  },
  'v1.VolumeMount': { name: () => ({ what: 'volume' }), subPath: keyOfMount },
  'v1.VolumeDevice': { name: () => ({ what: 'volume' }) },
  'v1.HTTPGetAction': { port: namedPort },
  'v1.TCPSocketAction': { port: namedPort },
  'v1.ServicePort': {
    targetPort: (map) => (isNumber(childOf(map, 'targetPort')) ? undefined : { what: 'target-port' }),
  },
  // Of rules about what comes out of pods, the ports are those of others.
  'networking.k8s.io/v1.NetworkPolicyPort': {
    port: (map) =>
      isNumber(childOf(map, 'port')) || map.parent?.parent?.parent?.step !== 'ingress'
        ? undefined
        : { what: 'target-port' },
  },
  'v1.PersistentVolumeClaimSpec': {
    storageClassName: storageClass,
    volumeName: object(cluster('', 'PersistentVolume')),
    volumeAttributesClassName: object(cluster('storage.k8s.io', 'VolumeAttributesClass')),
  },
  'v1.PersistentVolumeSpec': { storageClassName: storageClass },
  'v1.ObjectReference': { name: typed },
  'v1.TypedLocalObjectReference': { name: typed },
  'v1.TypedObjectReference': { name: typed },
  'meta/v1.OwnerReference': { name: typed },
  'meta/v1.ObjectMeta': { namespace: object(cluster('', 'Namespace')) },
  'apps/v1.StatefulSetSpec': { serviceName: object(service) },
  'autoscaling/v1.CrossVersionObjectReference': { name: typed },
  'autoscaling/v2.CrossVersionObjectReference': { name: typed },
  'rbac.authorization.k8s.io/v1.RoleRef': { name: role },
  'rbac.authorization.k8s.io/v1.Subject': { name: subject },
  'networking.k8s.io/v1.IngressServiceBackend': { name: object(service) },
  'networking.k8s.io/v1.ServiceBackendPort': { name: servicePort, number: servicePort },
  'networking.k8s.io/v1.IngressTLS': { secretName: object(secret) },
  'networking.k8s.io/v1.IngressSpec': { ingressClassName: object(cluster('networking.k8s.io', 'IngressClass')) },
  'admissionregistration.k8s.io/v1.ServiceReference': serviceReference,
  'apiextensions.k8s.io/v1.ServiceReference': serviceReference,
  'apiregistration.k8s.io/v1.ServiceReference': serviceReference,
};
