import type { UserInfo } from './apiserver/request.ts';

/** Users of the parts, as upstream calls them, so that RBAC and audit tell them apart. */
export const users = {
  admin: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
  scheduler: { username: 'system:kube-scheduler', groups: ['system:authenticated'] },
  node: (name: string): UserInfo => ({
    username: `system:node:${name}`,
    groups: ['system:nodes', 'system:authenticated'],
  }),
} as const;
