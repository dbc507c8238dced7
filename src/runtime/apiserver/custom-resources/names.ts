/** Which of a definition's names it gets, and what its conditions say of that (apiextensions, status/naming_controller). Pure. */
import { setCondition } from '../../../types/conditions.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionStatus,
} from '../../../types/kinds/generated/apiextensions-v1.gen.ts';
import { timestamp } from '../object-lifecycle.ts';

const approval = 'api-approved.kubernetes.io';

interface Taken {
  /** Names in URLs and on the command line. */
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** The names that other definitions of the group have. */
function takenBy(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[]): Taken {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { metadata, spec, status } of others) {
    if (metadata.name === definition.metadata.name || spec?.group !== definition.spec?.group) continue;
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? {};
    for (const name of [plural, singular, ...shortNames]) if (name !== undefined && name !== '') resources.add(name);
    for (const name of [kind, listKind]) if (name !== undefined && name !== '') kinds.add(name);
  }
  return { resources, kinds };
}

interface Verdict {
  readonly accepted: CustomResourceDefinitionNames;
  /** The last conflict that was met. */
  readonly conflict: { readonly reason: string; readonly message: string } | undefined;
}

function judge(
  wanted: CustomResourceDefinitionNames,
  before: Partial<CustomResourceDefinitionNames>,
  taken: Taken,
): Verdict {
  let conflict: Verdict['conflict'];
  const refuse = (reason: string, name: string): void => {
    conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
  };
  const one = (name: string | undefined, old: string | undefined, used: ReadonlySet<string>, reason: string) => {
    if (name === undefined || name === old || !used.has(name)) return name;
    refuse(reason, name);
    return old;
  };
  const plural = one(wanted.plural, before.plural, taken.resources, 'PluralConflict');
  const singular = one(wanted.singular, before.singular, taken.resources, 'SingularConflict');
  const clash = wanted.shortNames?.find((name) => !before.shortNames?.includes(name) && taken.resources.has(name));
  if (clash !== undefined) refuse('ShortNamesConflict', clash);
  const shortNames = clash === undefined ? wanted.shortNames : before.shortNames;
  const kind = one(wanted.kind, before.kind, taken.kinds, 'KindConflict');
  const listKind = one(wanted.listKind, before.listKind, taken.kinds, 'ListKindConflict');
  const { categories } = wanted;
  const accepted = {
    plural: plural ?? '',
    ...(singular === undefined ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    kind: kind ?? '',
    ...(listKind === undefined ? {} : { listKind }),
    ...(categories === undefined ? {} : { categories }),
  };
  return { accepted, conflict };
}

/** The status with the names accepted and the conditions that follow from it. */
export function acceptNames(
  definition: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: Date,
): CustomResourceDefinitionStatus {
  const { status = {}, spec } = definition;
  const wanted = spec?.names ?? { plural: '', kind: '' };
  const { accepted, conflict } = judge(wanted, status.acceptedNames ?? {}, takenBy(definition, others));
  const lastTransitionTime = timestamp(now);
  const condition = (
    type: string,
    isTrue: boolean,
    reason: string,
    message: string,
  ): CustomResourceDefinitionCondition => ({
    type,
    status: isTrue ? 'True' : 'False',
    lastTransitionTime,
    reason,
    message,
  });
  const established = status.conditions?.find(({ type }) => type === 'Established')?.status === 'True';
  const wantedConditions = [
    ...approvalCondition(definition, condition),
    conflict
      ? condition('NamesAccepted', false, conflict.reason, conflict.message)
      : condition('NamesAccepted', true, 'NoConflicts', 'no conflicts found'),
    ...(established
      ? []
      : [
          conflict
            ? condition('Established', false, 'NotAccepted', 'not all names are accepted')
            : condition('Established', true, 'InitialNamesAccepted', 'the initial names have been accepted'),
        ]),
  ];
  const conditions = wantedConditions.reduce<readonly CustomResourceDefinitionCondition[]>(
    (list, next) => setCondition(list, next),
    status.conditions ?? [],
  );
  return { ...status, conditions, acceptedNames: accepted };
}

function approvalCondition(
  { metadata, spec }: CustomResourceDefinition,
  condition: (type: string, isTrue: boolean, reason: string, message: string) => CustomResourceDefinitionCondition,
): readonly CustomResourceDefinitionCondition[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec?.group ?? '')) return [];
  const value = metadata.annotations?.[approval] ?? '';
  const type = 'KubernetesAPIApprovalPolicyConformant';
  return value.startsWith('unapproved')
    ? [condition(type, false, 'UnapprovedAnnotation', `not approved: ${JSON.stringify(value)}`)]
    : [condition(type, true, 'ApprovedAnnotation', `approved in ${value}`)];
}
