import { Pod } from '../../../../types/kinds/core/pod.ts';
import { PriorityClass } from '../../../../types/kinds/scheduling/priority-class.ts';
import { isDraftOfKind, isOfKind } from '../../fields.ts';
import { forbidden, invalid } from '../../status-error.ts';
import { collectIssues } from '../../../../types/field-issue.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

interface Computed {
  readonly name: string;
  readonly value: number;
  readonly preemption: 'Never' | 'PreemptLowerPriority';
}

/** priorityClassName -> priority. Clients name a class, never a number. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles: ({ operation, kind, subresource }) =>
    operation !== 'DELETE' &&
    subresource === '' &&
    (kind.typeName === Pod.typeName || kind.typeName === PriorityClass.typeName),
  async mutate(request, draft) {
    if (!isDraftOfKind(Pod, draft) || !draft.spec) return;
    const { spec } = draft;
    if (request.operation === 'UPDATE') {
      const before = isOfKind(Pod, request.previous) ? request.previous.spec : undefined;
      if (before?.priority !== undefined) spec.priority ??= before.priority;
      if (before?.preemptionPolicy !== undefined) spec.preemptionPolicy ??= before.preemptionPolicy;
      return;
    }
    const { name, value, preemption } = await computed(request, spec.priorityClassName ?? '');
    if (spec.priority !== undefined && spec.priority !== value) {
      throw forbidden(
        Pod,
        request.name,
        `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
      );
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemption) {
      throw forbidden(
        Pod,
        request.name,
        `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemption} from the given PriorityClass name`,
      );
    }
    if (name !== '') spec.priorityClassName = name;
    spec.priority = value;
    spec.preemptionPolicy = preemption;
  },
  async validate(request, object) {
    if (!isOfKind(PriorityClass, object) || object.globalDefault !== true) return;
    const others = await request.reader.list(PriorityClass);
    const taken = others.find((other) => other.globalDefault === true && other.metadata.name !== object.metadata.name);
    if (!taken) return;
    const issues = collectIssues((sink) =>
      sink
        .at('globalDefault')
        .forbidden(
          `PriorityClass ${taken.metadata.name ?? ''} has already been marked as default. Only one default can exist`,
        ),
    );
    throw invalid(PriorityClass, request.name, issues);
  },
};

async function computed(request: AdmissionRequest, name: string): Promise<Computed> {
  if (name !== '') {
    const found = await request.reader.get(PriorityClass, { namespace: '', name });
    if (!found) throw forbidden(Pod, request.name, `no PriorityClass with name ${name} was found`);
    return { name, value: found.value ?? 0, preemption: found.preemptionPolicy ?? 'PreemptLowerPriority' };
  }
  const defaults = (await request.reader.list(PriorityClass)).filter((candidate) => candidate.globalDefault === true);
  const lowest = defaults.reduce<PriorityClass | undefined>(
    (best, next) => (best === undefined || (next.value ?? 0) < (best.value ?? 0) ? next : best),
    undefined,
  );
  return {
    name: lowest?.metadata.name ?? '',
    value: lowest?.value ?? 0,
    preemption: lowest?.preemptionPolicy ?? 'PreemptLowerPriority',
  };
}
