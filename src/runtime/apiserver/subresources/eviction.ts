import { isRecord } from '../../../shared/deep.ts';
import { matchesLabelSelector } from '../../../types/label-selector.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { PodDisruptionBudget } from '../../../types/kinds/policy/pod-disruption-budget.ts';
import { isOfKind, textOf } from '../fields.ts';
import { deleteOptions } from '../request-options.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import { copyOf } from '../resource-storage.ts';
import { ApiError, badRequest, notFound } from '../status-error.ts';
import { timestamp } from '../object-lifecycle.ts';
import type { Subresource } from './subresource.ts';

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
  if (isOfKind(Pod, object) && needsBudget(object)) await spendBudget(context, object, dryRun);
  await storage.remove(key, options, writeContext(context, { dryRun, fieldManager: '' }));
  return objectAnswer(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, ...{ status: 'Success', code: 201 } });
}

function needsBudget(pod: Pod): boolean {
  const phase = pod.status?.phase;
  return (
    pod.metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed' && phase !== 'Pending'
  );
}

async function spendBudget(context: RequestContext, pod: Pod, dryRun: boolean): Promise<void> {
  const { parts, key } = context;
  const budgets = (await parts.reader.list(PodDisruptionBudget, key.namespace)).filter(
    (budget) => budget.spec?.selector !== undefined && matchesLabelSelector(budget.spec.selector, pod.metadata.labels),
  );
  const [budget] = budgets;
  if (!budget) return;
  if (budgets.length > 1)
    throw new ApiError(
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const budgetKey = { namespace: key.namespace, name: budget.metadata.name ?? '' };
  await parts.storage(PodDisruptionBudget).update(
    budgetKey,
    (current) => {
      if (!current || !isOfKind(PodDisruptionBudget, current.object))
        throw notFound(PodDisruptionBudget, budgetKey.name);
      const { status } = current.object;
      const allowed = status?.disruptionsAllowed ?? 0;
      if (allowed <= 0) throw overBudget(budgetKey.name, status?.desiredHealthy ?? 0, status?.currentHealthy ?? 0);
      const draft = copyOf(current.object);
      draft['status'] = {
        ...status,
        disruptionsAllowed: allowed - 1,
        disruptedPods: { ...status?.disruptedPods, [key.name]: timestamp(parts.clock.now()) },
      };
      return { draft };
    },
    { user: context.request.user, dryRun, fieldManager: 'kube-apiserver', subresource: 'status' },
  );
}

function overBudget(name: string, desired: number, healthy: number): ApiError {
  const message = `The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`;
  return new ApiError('TooManyRequests', `Cannot evict pod as it would violate the pod's disruption budget.`, {
    causes: [{ reason: 'DisruptionBudget', message }],
    retryAfterSeconds: 10,
  });
}
