/** Fills ClusterRoles that are made of others, such as `admin`, `edit` and `view`. */
import { deepEqual } from '../../../shared/deep.ts';
import { ClusterRole } from '../../../types/kinds/rbac/cluster-role.ts';
import { keyOf } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import type { Informers } from '../../client/informer.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { aggregatedRules } from './plan.ts';

export const clusterRoleAggregationController: Controller<ClusterRole> = {
  name: 'clusterrole-aggregation-controller',
  kind: ClusterRole,
  alsoWatches: [{ kind: ClusterRole, concerns: aggregated }],
  reconciler,
};

/** Any role may have become part of any aggregate, or have ceased to be. */
function* aggregated(_changed: Persisted, informers: Informers): Iterable<ObjectKey> {
  for (const role of informers.of(ClusterRole).list()) if (role.aggregationRule) yield keyOf(role);
}

function reconciler({ client, informers }: ControllerContext): Reconcile {
  const roles = informers.of(ClusterRole);
  return async (key) => {
    const role = roles.get(key);
    if (!role?.aggregationRule || role.metadata.deletionTimestamp !== undefined) return;
    const rules = aggregatedRules(role, roles.list());
    if (!deepEqual(role.rules ?? [], rules)) await client.of(ClusterRole).update({ ...role, rules });
  };
}
