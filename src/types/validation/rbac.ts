/** Rules of roles and their bindings (rbac validation), and what their kinds print. */
import { deepEqual } from '../../shared/deep.ts';
import type { Column } from '../define-kind.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as rbac from '../kinds/generated/rbac-v1.gen.ts';
import type { Draft } from '../meta.ts';
import { pathSegmentErrors } from '../names.ts';
import { textColumn, wideColumn } from '../table.ts';
import { checkPresent, checkSubdomain } from './field-checks.ts';
import { invalidEach } from './metadata.ts';

const GROUP = 'rbac.authorization.k8s.io';
const subjectKinds = ['ServiceAccount', 'User', 'Group'];

export function checkPolicyRules(
  rules: readonly rbac.PolicyRule[] | undefined,
  namespaced: boolean,
  at: IssueSink,
): void {
  rules?.forEach((rule, index) => {
    const place = at.at(index);
    const { verbs, apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
    if ((verbs ?? []).length === 0) place.at('verbs').required('verbs must contain at least one value');
    if (nonResourceURLs.length > 0) {
      if (namespaced) {
        place.at('nonResourceURLs').invalid(nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs');
      }
      if (apiGroups.length > 0 || resources.length > 0 || (rule.resourceNames ?? []).length > 0) {
        const detail = 'rules cannot apply to both regular resources and non-resource URLs';
        place.at('nonResourceURLs').invalid(nonResourceURLs, detail);
      }
      return;
    }
    if (apiGroups.length === 0) place.at('apiGroups').required('resource rules must supply at least one api group');
    if (resources.length === 0) place.at('resources').required('resource rules must supply at least one resource');
  });
}

interface AnyBinding {
  readonly roleRef: rbac.RoleRef;
  readonly subjects?: readonly rbac.Subject[] | undefined;
}

/** The group and the name's rule that a subject of this kind has. */
function checkSubject(subject: rbac.Subject, namespaced: boolean, at: IssueSink): void {
  checkPresent(subject.name, at.at('name'));
  const group = subject.apiGroup ?? '';
  if (subject.kind === 'ServiceAccount') {
    if ((subject.name ?? '') !== '') checkSubdomain(subject.name, at.at('name'));
    if (group !== '') at.at('apiGroup').notSupported(group, ['']);
    if (!namespaced && (subject.namespace ?? '') === '') at.at('namespace').required();
  } else if (subject.kind === 'User' || subject.kind === 'Group') {
    if (group !== GROUP) at.at('apiGroup').notSupported(group, [GROUP]);
  } else at.at('kind').notSupported(subject.kind, subjectKinds);
}

export function checkBinding(binding: AnyBinding, namespaced: boolean, issues: IssueSink): void {
  const { roleRef, subjects } = binding;
  const at = issues.at('roleRef');
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (roleRef?.apiGroup !== GROUP) at.at('apiGroup').notSupported(roleRef?.apiGroup ?? '', [GROUP]);
  if (!kinds.includes(roleRef?.kind ?? '')) at.at('kind').notSupported(roleRef?.kind ?? '', kinds);
  if (checkPresent(roleRef?.name, at.at('name')))
    invalidEach(at.at('name'), roleRef.name, pathSegmentErrors(roleRef.name));
  subjects?.forEach((subject, index) => checkSubject(subject, namespaced, issues.at('subjects', index)));
}

export function checkBindingUpdate(next: AnyBinding, previous: AnyBinding, issues: IssueSink): void {
  if (!deepEqual(next.roleRef, previous.roleRef)) issues.at('roleRef').invalid(next.roleRef, 'cannot change roleRef');
}

export function defaultBinding(draft: Draft<AnyBinding>): void {
  if (draft.roleRef && (draft.roleRef.apiGroup ?? '') === '') draft.roleRef.apiGroup = GROUP;
  for (const subject of draft.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ??= GROUP;
  }
}

function subjectNames(binding: AnyBinding, kind: string): string {
  const all = (binding.subjects ?? []).filter((subject) => subject.kind === kind);
  const text = ({ name, namespace }: rbac.Subject): string =>
    kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name;
  return all.map(text).join(', ');
}

type BindingKind = rbac.RoleBinding | rbac.ClusterRoleBinding;

export const roleColumn: Column<BindingKind> = textColumn('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`);
export const subjectColumns: readonly Column<BindingKind>[] = [
  wideColumn('Users', (binding) => subjectNames(binding, 'User')),
  wideColumn('Groups', (binding) => subjectNames(binding, 'Group')),
  wideColumn('ServiceAccounts', (binding) => subjectNames(binding, 'ServiceAccount')),
];
