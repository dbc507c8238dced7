/** Containers that are added to a pod while it runs (core validation, ValidatePodEphemeralContainersUpdate; KEP-277). */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { checkPodSpec } from './spec.ts';

/** What may change by the subresource: ephemeral containers are added, and stay as they are. */
export function checkEphemeralUpdate(next: core.Pod, previous: core.Pod, issues: IssueSink): void {
  checkPodSpec(next.spec, issues.at('spec'));
  const at = issues.at('spec', 'ephemeralContainers');
  const now = next.spec?.ephemeralContainers ?? [];
  for (const old of previous.spec?.ephemeralContainers ?? []) {
    const kept = now.find(({ name }) => name === old.name);
    if (!kept) at.forbidden(`existing ephemeral containers "${old.name}" may not be removed\n`);
    else if (!deepEqual(kept, old)) at.forbidden(`existing ephemeral containers "${old.name}" may not be changed\n`);
  }
  const others = [...(next.spec?.initContainers ?? []), ...(next.spec?.containers ?? [])].map(({ name }) => name);
  now.forEach(({ targetContainerName: target }, index) => {
    if (target && !others.includes(target)) at.at(index, 'targetContainerName').notFound(target);
  });
}
