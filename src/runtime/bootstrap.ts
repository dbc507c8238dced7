/** What every cluster holds from its first start: namespaces, priority classes, roles and bindings. Repeating it changes nothing. */
import { isRecord } from '../shared/deep.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../types/kinds/generated/flowcontrol-v1.gen.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../types/kinds/generated/rbac-v1.gen.ts';
import { keyOf, keyText } from '../types/meta.ts';
import { isKubeObject } from '../types/meta.ts';
import type { KubeObject } from '../types/meta.ts';
import { MASTERS_GROUP } from './apiserver/authorization.ts';
import type { ApiRequest, Dispatch } from './apiserver/request.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './bootstrap/flow-control.ts';
import { defaultNamespaces } from './bootstrap/namespaces.ts';
import { defaultPriorityClasses } from './bootstrap/priority-classes.ts';
import {
  defaultClusterRoleBindings,
  defaultClusterRoles,
  defaultRoleBindings,
  defaultRoles,
} from './bootstrap/rbac.ts';
import { defaultServiceCidr } from './bootstrap/service-cidr.ts';
import { planBinding, planConfiguration, planPlain, planRole } from './bootstrap/reconcile.ts';
import type { BootstrapStep } from './bootstrap/reconcile.ts';

interface Collection<T extends KubeObject> {
  readonly root: string;
  readonly plural: string;
  readonly objects: readonly T[];
  is(object: KubeObject): object is T;
  plan(wanted: T, existing: T | undefined): BootstrapStep<T>;
}

const flowRoot = '/apis/flowcontrol.apiserver.k8s.io/v1';
const rbacRoot = '/apis/rbac.authorization.k8s.io/v1';

/**
 * Creates and repairs the default objects through the API, so that defaulting and admission see them like all others.
 * @param serviceCidr range of the addresses of Services, of which the default ServiceCIDR tells
 */
export async function bootstrap(dispatch: Dispatch, signal: AbortSignal, serviceCidr?: string): Promise<void> {
  // Roles live in namespaces, so those come first; the rest does not depend on each other.
  await settle(
    dispatch,
    { root: '/api/v1', plural: 'namespaces', objects: defaultNamespaces, is: isAny, plan: planPlain },
    signal,
  );
  await Promise.all([
    settle(
      dispatch,
      {
        root: '/apis/scheduling.k8s.io/v1',
        plural: 'priorityclasses',
        objects: defaultPriorityClasses,
        is: isAny,
        plan: planPlain,
      },
      signal,
    ),
    settle(
      dispatch,
      {
        root: '/apis/networking.k8s.io/v1',
        plural: 'servicecidrs',
        objects: serviceCidr === undefined ? [] : [defaultServiceCidr(serviceCidr)],
        is: isAny,
        plan: planPlain,
      },
      signal,
    ),
    settle(
      dispatch,
      {
        root: flowRoot,
        plural: 'prioritylevelconfigurations',
        objects: defaultPriorityLevels,
        is: isPriorityLevel,
        plan: planConfiguration,
      },
      signal,
    ),
    settle(
      dispatch,
      {
        root: flowRoot,
        plural: 'flowschemas',
        objects: defaultFlowSchemas,
        is: isFlowSchema,
        plan: planConfiguration,
      },
      signal,
    ),
    settle(
      dispatch,
      { root: rbacRoot, plural: 'clusterroles', objects: defaultClusterRoles, is: isClusterRole, plan: planRole },
      signal,
    ),
    settle(dispatch, { root: rbacRoot, plural: 'roles', objects: defaultRoles, is: isRole, plan: planRole }, signal),
    settle(
      dispatch,
      {
        root: rbacRoot,
        plural: 'clusterrolebindings',
        objects: defaultClusterRoleBindings,
        is: isClusterRoleBinding,
        plan: planBinding,
      },
      signal,
    ),
    settle(
      dispatch,
      { root: rbacRoot, plural: 'rolebindings', objects: defaultRoleBindings, is: isRoleBinding, plan: planBinding },
      signal,
    ),
  ]);
}

async function settle<T extends KubeObject>(
  dispatch: Dispatch,
  collection: Collection<T>,
  signal: AbortSignal,
): Promise<void> {
  const { root, plural, objects, is, plan } = collection;
  const existing = new Map<string, T>();
  for (const item of await list(dispatch, `${root}/${plural}`, signal)) {
    if (is(item)) existing.set(keyText(keyOf(item)), item);
  }
  await Promise.all(
    objects.map(async (wanted) => {
      const { namespace, name } = keyOf(wanted);
      const step = plan(wanted, existing.get(keyText({ namespace, name })));
      if (step.action === 'keep') return;
      const all = namespace === '' ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
      const one = `${all}/${encodeURIComponent(name)}`;
      if (step.action === 'recreate') await send(dispatch, 'DELETE', one, undefined, signal);
      if (step.action === 'update') await send(dispatch, 'PUT', one, step.object, signal);
      else await send(dispatch, 'POST', all, step.object, signal);
    }),
  );
}

async function list(dispatch: Dispatch, path: string, signal: AbortSignal): Promise<readonly KubeObject[]> {
  const { items, apiVersion, kind }: Record<string, unknown> = {
    ...(await send(dispatch, 'GET', path, undefined, signal)),
  };
  if (!Array.isArray(items)) throw new Error(`${path} answered no list`);
  const itemKind = typeof kind === 'string' ? kind.replace(/List$/, '') : '';
  // Items of a list carry no apiVersion and kind of their own on some paths.
  return items.filter(isRecord).flatMap((item): readonly KubeObject[] => {
    const complete: unknown = { apiVersion, kind: itemKind, ...item };
    return isKubeObject(complete) ? [complete] : [];
  });
}

async function send(
  dispatch: Dispatch,
  method: ApiRequest['method'],
  path: string,
  body: KubeObject | undefined,
  signal: AbortSignal,
): Promise<KubeObject> {
  const response = await dispatch({
    method,
    path,
    query: new URLSearchParams(),
    user: { username: 'system:apiserver', groups: [MASTERS_GROUP, 'system:authenticated'] },
    userAgent: 'kube-apiserver',
    contentType: 'application/json',
    body,
    signal,
  });
  if (!('object' in response)) throw new Error(`${method} ${path} answered a stream`);
  if (response.status < 300) return response.object;
  const message = 'message' in response.object ? String(response.object.message) : `status ${response.status}`;
  throw new Error(`setting up the cluster failed at ${method} ${path}: ${message}`);
}

function isAny(object: KubeObject): object is KubeObject {
  return object.kind !== '';
}

function isFlowSchema(object: KubeObject): object is FlowSchema {
  return object.kind === 'FlowSchema';
}

function isPriorityLevel(object: KubeObject): object is PriorityLevelConfiguration {
  return object.kind === 'PriorityLevelConfiguration';
}

function isClusterRole(object: KubeObject): object is ClusterRole {
  return object.kind === 'ClusterRole';
}

function isRole(object: KubeObject): object is Role {
  return object.kind === 'Role';
}

function isClusterRoleBinding(object: KubeObject): object is ClusterRoleBinding {
  return object.kind === 'ClusterRoleBinding';
}

function isRoleBinding(object: KubeObject): object is RoleBinding {
  return object.kind === 'RoleBinding';
}
