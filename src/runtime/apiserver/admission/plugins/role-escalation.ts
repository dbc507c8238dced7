import { ClusterRole } from '../../../../types/kinds/rbac/cluster-role.ts';
import { ClusterRoleBinding } from '../../../../types/kinds/rbac/cluster-role-binding.ts';
import { Role } from '../../../../types/kinds/rbac/role.ts';
import { RoleBinding } from '../../../../types/kinds/rbac/role-binding.ts';
import { checkBindingWrite, checkRoleWrite } from '../../authorization-escalation.ts';
import type { EscalationRefusal } from '../../authorization-escalation.ts';
import type { Roles } from '../../authorization.ts';
import { isOfKind } from '../../fields.ts';
import { ApiError, forbidden } from '../../status-error.ts';
import type { AdmissionPlugin } from '../plugin.ts';

const GUARDED: ReadonlySet<string> = new Set(
  [ClusterRole, ClusterRoleBinding, Role, RoleBinding].map((kind) => kind.typeName),
);

/** Nobody gives away more than he has. */
export function roleEscalation(roles: Roles): AdmissionPlugin {
  return {
    name: 'RoleEscalation',
    handles: ({ operation, kind }) => operation !== 'DELETE' && GUARDED.has(kind.typeName),
    async validate({ user, previous, kind, name }, object) {
      const refusal = refusalOf(user, object, previous, roles);
      if (!refusal) return;
      if (refusal.reason === 'NotFound') throw new ApiError('NotFound', refusal.message);
      throw forbidden(kind, name, refusal.message);
    },
  };
}

function refusalOf(
  user: Parameters<typeof checkRoleWrite>[0],
  object: unknown,
  previous: unknown,
  roles: Roles,
): EscalationRefusal | undefined {
  for (const kind of [Role, ClusterRole]) {
    if (isOfKind<Role | ClusterRole>(kind, object)) {
      return checkRoleWrite(user, object, isOfKind<Role | ClusterRole>(kind, previous) ? previous : undefined, roles);
    }
  }
  for (const kind of [RoleBinding, ClusterRoleBinding]) {
    if (isOfKind<RoleBinding | ClusterRoleBinding>(kind, object)) {
      return checkBindingWrite(
        user,
        object,
        isOfKind<RoleBinding | ClusterRoleBinding>(kind, previous) ? previous : undefined,
        roles,
      );
    }
  }
  return undefined;
}
