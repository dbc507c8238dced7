import type { LintRule } from '../../rule.ts';
import { bindingExample, bindingOf, isBinding } from './roles.ts';

const everybody = ['system:masters', 'system:anonymous', 'system:unauthenticated'];
const publicRoles = ['system:public-info-viewer', 'system:service-account-issuer-discovery'];

export const systemGroups: LintRule = {
  id: 'rbac/system-groups',
  severity: 'error',
  recommended: true,
  summary: 'Nothing is bound to the masters, to anonymous or to unauthenticated users.',
  why: 'Anonymous and unauthenticated are everybody who reaches the API; masters pass every check anyway.',
  bad: bindingExample('view', 'kind: Group\napiGroup: rbac.authorization.k8s.io\nname: system:unauthenticated'),
  good: bindingExample('view', 'kind: Group\napiGroup: rbac.authorization.k8s.io\nname: developers'),
  appliesTo: isBinding,
  *check(subject) {
    const binding = bindingOf(subject);
    if (binding && publicRoles.includes(binding.roleRef.name)) return;
    for (const [index, { name }] of (binding?.subjects ?? []).entries()) {
      if (everybody.includes(name)) yield { path: ['subjects', index, 'name'], message: `the binding is for ${name}` };
    }
  },
};
