import { isRecord } from '../../../shared/deep.ts';
import { findCondition, isConditionTrue, setCondition } from '../../../types/conditions.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import type { DeleteOptions } from '../../../types/kinds/generated/meta-v1.gen.ts';
import type { PodDisruptionBudgetStatus } from '../../../types/kinds/generated/policy-v1.gen.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import { isOfKind, textOf } from '../fields.ts';
import { deleteOptions } from '../request-options.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { ApiError, badRequest, forbidden, notFound } from '../status-error.ts';
import { timestamp } from '../object-lifecycle.ts';
import type { Subresource } from './subresource.ts';

/** Evictions that were granted and that nobody has seen the end of. */
const mostDisrupted = 2000;

export const eviction: Subresource = {
  name: 'eviction',
  document: { group: 'policy', version: 'v1', kind: 'Eviction' },
  verbs: { create: evict },
};

/** Deletes a pod if its disruption budget has room for that. */
async function evict(context: RequestContext): Promise<Answer> {
  const { request, key, storage } = context;
  const { body } = request;
  if (!isRecord(body)) throw badRequest('the object provided is unrecognized (must be of type Eviction)');
  const kind = textOf(body, 'kind');
  if (kind !== '' && kind !== 'Eviction') {
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a Eviction: converting (v1.${kind}) to (policy.Eviction): unknown conversion`,
    );
  }
  const name = textOf(body, 'metadata', 'name');
  if (name !== '' && name !== key.name) throw badRequest('name in URL does not match name in Eviction object');
  const { object } = await storage.get(key);
  const given = body['deleteOptions'];
  const options = deleteOptions({ ...request, body: isRecord(given) ? given : undefined });
  const dryRun = (options.dryRun ?? []).length > 0 || request.query.getAll('dryRun').includes('All');
  const pod = isOfKind(Pod, object) ? object : undefined;
  // A pod that is not ready counts for no budget; it must not become ready unseen between this look and its deletion.
  const asSeen = pod && needsBudget(pod) ? (await spendBudget(context, pod, dryRun)) === 'as-seen' : false;
  await removePod(context, asSeen ? pinned(options, object) : options, dryRun);
  return objectAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, ...{ status: 'Success', code: 201 } });
}

function pinned(options: DeleteOptions, { metadata }: KubeObject): DeleteOptions {
  const { resourceVersion } = metadata;
  if (resourceVersion === undefined || options.preconditions?.resourceVersion !== undefined) return options;
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

/** Says on the pod that it is being disrupted, and deletes it (KEP-3329). */
async function removePod(context: RequestContext, options: DeleteOptions, dryRun: boolean): Promise<void> {
  const { key, storage, parts, request } = context;
  if (dryRun) {
    await storage.remove(key, options, writeContext(context, { dryRun, fieldManager: '' }));
    return;
  }
  const wanted = options.preconditions?.resourceVersion;
  const { object } = await storage.update(
    key,
    (current) => {
      if (!current || !isOfKind(Pod, current.object)) throw notFound(context.kind, key.name);
      const draft = copyOf(current.object);
      if (wanted !== undefined) draft.metadata.resourceVersion = wanted;
      draft['status'] = {
        ...current.object.status,
        conditions: setCondition(current.object.status?.conditions, {
          type: 'DisruptionTarget',
          observedGeneration: current.object.metadata.generation,
          status: 'True',
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
          lastTransitionTime: timestamp(parts.clock.now()),
        }),
      };
      return { draft };
    },
    { user: request.user, dryRun, fieldManager: 'kube-apiserver', subresource: 'status' },
  );
  const { resourceVersion } = object.metadata;
  // The write above is the server's own: it is not what the client insisted on not having happened.
  const bumped =
    wanted === undefined || resourceVersion === undefined
      ? options
      : { ...options, preconditions: { ...options.preconditions, resourceVersion } };
  await storage.remove(key, bumped, writeContext(context, { dryRun, fieldManager: '' }));
}

function needsBudget(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending'
  );
}

/** `as-seen`: granted because of the state that the pod is in now. @throws ApiError when the budget has no room */
async function spendBudget(context: RequestContext, pod: Pod, dryRun: boolean): Promise<'granted' | 'as-seen'> {
  const { parts, key } = context;
  const budgets = (await parts.reader.list(PodDisruptionBudget, key.namespace)).filter(
    (budget) => budget.spec?.selector !== undefined && matchesLabelSelector(budget.spec.selector, pod.metadata.labels),
  );
  const [budget] = budgets;
  if (!budget) return 'granted';
  if (budgets.length > 1)
    throw new ApiError(
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  if (!isConditionTrue(pod.status?.conditions, 'Ready') && allowsUnhealthy(budget)) return 'as-seen';
  const budgetKey = { namespace: key.namespace, name: budget.metadata.name ?? '' };
  await parts.storage(PodDisruptionBudget).update(
    budgetKey,
    (current) => {
      if (!current || !isOfKind(PodDisruptionBudget, current.object))
        throw notFound(PodDisruptionBudget, budgetKey.name);
      const draft = copyOf(current.object);
      draft['status'] = spent(current.object, key.name, parts.clock.now());
      // Several evictions at a time ask the same budget: each is decided on what the others left.
      return { draft, patched: true };
    },
    { user: context.request.user, dryRun, fieldManager: 'kube-apiserver', subresource: 'status' },
  );
  return 'granted';
}

/** Whether a pod that is not ready may go without using the budget up (KEP-3017). */
function allowsUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/** The status after one more disruption. @throws ApiError when it has no room */
function spent(budget: PodDisruptionBudget, pod: string, now: Date): PodDisruptionBudgetStatus {
  const { metadata, status = {} } = budget;
  const name = metadata.name ?? '';
  const granted = status.disruptedPods ?? {};
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw overBudget(`The disruption budget ${name} is still being processed by the server.`, 10);
  if (Object.keys(granted).length > mostDisrupted)
    throw forbidden(
      PodDisruptionBudget,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  const allowed = status.disruptionsAllowed ?? 0;
  // Without a time to wait: clients that repeat a request by themselves would hide the refusal from their users.
  if (allowed <= 0) throw overBudget(refusalText(budget));
  const conditions =
    allowed === 1
      ? setCondition(status.conditions, {
          type: 'DisruptionAllowed',
          status: 'False',
          reason: 'InsufficientPods',
          message: '',
          lastTransitionTime: timestamp(now),
          ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
        })
      : status.conditions;
  return {
    ...status,
    ...(conditions === undefined ? {} : { conditions }),
    disruptionsAllowed: allowed - 1,
    disruptedPods: { ...granted, [pod]: timestamp(now) },
  };
}

function refusalText({ metadata, status }: PodDisruptionBudget): string {
  const budget = `The disruption budget ${metadata.name ?? ''}`;
  const failed = findCondition(status?.conditions, 'DisruptionAllowed');
  if (failed?.status === 'False' && failed.reason === 'SyncFailed' && failed.message !== '')
    return `${budget} does not allow evicting pods currently because it failed sync: ${failed.message}`;
  const { desiredHealthy = 0, currentHealthy = 0 } = status ?? {};
  if (currentHealthy <= desiredHealthy)
    return `${budget} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return `${budget} does not allow evicting pods currently`;
}

function overBudget(message: string, retryAfterSeconds?: number): ApiError {
  return new ApiError('TooManyRequests', `Cannot evict pod as it would violate the pod's disruption budget.`, {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
