/** Who controllers are to the API: each has a service account of its own, with the rights that upstream gives it. */
import type { UserInfo } from '../apiserver/request.ts';

/** The user of the shared informers, who may read everything. */
export const managerUser: UserInfo = {
  username: 'system:kube-controller-manager',
  groups: ['system:authenticated'],
};

/** The user that a controller acts as. */
export function controllerUser(name: string): UserInfo {
  return {
    username: `system:serviceaccount:kube-system:${name}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  };
}
