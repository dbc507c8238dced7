/** What may change in a pod once it exists (core validation, ValidatePodUpdate and ValidatePodStatusUpdate). */
import { deepEqual } from '../../shared/deep.ts';
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../names.ts';
import { checkIP, isBlank, MAX_INT32 } from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';
import { checkImage } from './containers.ts';

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

function sameTolerations(next: core.Toleration, before: core.Toleration): boolean {
  return deepEqual({ ...next, tolerationSeconds: undefined }, { ...before, tolerationSeconds: undefined });
}

function checkTolerationsKept(next: core.PodSpec, previous: core.PodSpec, at: IssueSink): void {
  const now = next.tolerations ?? [];
  const lost = (previous.tolerations ?? []).some((old) => !now.some((one) => sameTolerations(one, old)));
  if (lost) at.forbidden('existing toleration can not be modified except its tolerationSeconds');
}

/** Answers false when nothing more is worth saying. */
function checkDeadline(next: core.PodSpec, previous: core.PodSpec, at: IssueSink): boolean {
  const [now, before] = [next.activeDeadlineSeconds, previous.activeDeadlineSeconds];
  if (now !== undefined) {
    if (now < 0 || now > MAX_INT32) {
      at.invalid(now, `must be between 0 and ${MAX_INT32}, inclusive`);
      return false;
    }
    if (before !== undefined && before < now) {
      at.invalid(now, 'must be less than or equal to previous value');
      return false;
    }
  } else if (before !== undefined) at.invalid(null, 'must not update from a positive integer to nil value');
  return true;
}

function withImages(
  containers: readonly core.Container[] | undefined,
  from: readonly core.Container[] | undefined,
): readonly core.Container[] | undefined {
  return containers?.map((container, index) => ({ ...container, image: from?.[index]?.image }));
}

/** The new spec with everything taken back that may change. */
function munged(next: core.PodSpec, previous: core.PodSpec, gated: boolean): core.PodSpec {
  const grace = previous.terminationGracePeriodSeconds;
  return {
    ...next,
    containers: withImages(next.containers, previous.containers) ?? [],
    initContainers: withImages(next.initContainers, previous.initContainers),
    activeDeadlineSeconds: previous.activeDeadlineSeconds,
    tolerations: previous.tolerations,
    schedulingGates: previous.schedulingGates,
    ...(gated ? { nodeSelector: previous.nodeSelector, affinity: previous.affinity } : {}),
    ...(next.terminationGracePeriodSeconds === 1 && (grace ?? 0) < 0 ? { terminationGracePeriodSeconds: grace } : {}),
  };
}

function differences(next: core.PodSpec, previous: core.PodSpec): string {
  const now = new Map(Object.entries(next));
  const before = new Map(Object.entries(previous));
  const keys = [...new Set([...before.keys(), ...now.keys()])].filter(
    (key) => !deepEqual(now.get(key), before.get(key)),
  );
  const lines = keys.flatMap((key) => [
    `- \t${key}: ${JSON.stringify(before.get(key)) ?? 'nil'},`,
    `+ \t${key}: ${JSON.stringify(now.get(key)) ?? 'nil'},`,
  ]);
  return ['  core.PodSpec{', ...lines, '  }', ''].join('\n');
}

function checkGates(next: core.PodSpec, previous: core.PodSpec, at: IssueSink): void {
  const before = new Set((previous.schedulingGates ?? []).map(({ name }) => name));
  next.schedulingGates?.forEach(({ name }, index) => {
    if (!before.has(name)) {
      at.at('schedulingGates', index).forbidden(`only deletion is allowed, but found new scheduling gate '${name}'`);
    }
  });
}

/** While a pod waits behind a gate its node selector may become stricter (KEP-3838). */
function checkNodeSelectorKept(next: core.PodSpec, previous: core.PodSpec, at: IssueSink): void {
  for (const [key, value] of Object.entries(previous.nodeSelector ?? {})) {
    if (next.nodeSelector?.[key] !== value) {
      at.at('nodeSelector').invalid(
        next.nodeSelector ?? null,
        'only additions are allowed (no mutations or deletions)',
      );
      return;
    }
  }
}

export function checkPodUpdate(next: core.Pod, previous: core.Pod, issues: IssueSink): void {
  const at = issues.at('spec');
  const [now, before] = [next.spec, previous.spec];
  if (!now || !before) return;
  for (const list of ['containers', 'initContainers'] as const) {
    if ((now[list] ?? []).length !== (before[list] ?? []).length) {
      at.at(list).forbidden('pod updates may not add or remove containers');
      return;
    }
  }
  now.containers.forEach((container, index) => checkImage(container.image, at.at('containers', index, 'image')));
  if (!checkDeadline(now, before, at.at('activeDeadlineSeconds'))) return;
  checkTolerationsKept(now, before, at.at('tolerations'));
  checkGates(now, before, at);
  const gated = (before.schedulingGates ?? []).length > 0;
  if (gated) checkNodeSelectorKept(now, before, at);
  const kept = munged(now, before, gated);
  if (!deepEqual(kept, before)) {
    at.forbidden(`pod updates may not change fields other than ${updatable}\n${differences(kept, before)}`);
  }
}

function checkStates(
  next: readonly core.ContainerStatus[] | undefined,
  previous: readonly core.ContainerStatus[] | undefined,
  mayRestart: (name: string) => boolean,
  at: IssueSink,
): void {
  for (const old of previous ?? []) {
    if (!old.state?.terminated || mayRestart(old.name)) continue;
    const index = (next ?? []).findIndex(({ name }) => name === old.name);
    const now = next?.[index];
    if (now && !now.state?.terminated)
      at.at(index, 'state').forbidden('may not be transitioned to non-terminated state');
  }
}

function checkAddresses(ips: readonly { readonly ip: string }[] | undefined, at: IssueSink): void {
  const all = ips ?? [];
  const valid = all.map(({ ip }, index) => checkIP(ip, at.at(index))).every(Boolean);
  const families = all.map(({ ip }) => (ip.includes(':') ? 6 : 4));
  if (valid && new Set(families).size < families.length) {
    at.invalid(all, 'may specify no more than one IP for each IP family');
  }
}

export function checkPodStatusUpdate(next: core.Pod, previous: core.Pod, issues: IssueSink): void {
  const at = issues.at('status');
  const { status } = next;
  const policy = next.spec?.restartPolicy;
  if (status && !isBlank(status.nominatedNodeName)) {
    invalidEach(at.at('nominatedNodeName'), status.nominatedNodeName, dns1123SubdomainErrors(status.nominatedNodeName));
  }
  // Upstream's path of the conditions begins with metadata.
  status?.conditions?.forEach(({ type }, index) => {
    invalidEach(issues.at('metadata', 'conditions', index, 'Type'), type, qualifiedNameErrors(type));
  });
  const own = new Map((next.spec?.containers ?? []).map((one) => [one.name, one.restartPolicy]));
  const sidecars = new Set(
    (next.spec?.initContainers ?? []).filter((one) => one.restartPolicy === 'Always').map((one) => one.name),
  );
  checkStates(
    status?.containerStatuses,
    previous.status?.containerStatuses,
    (name) => policy === 'Always' || policy === 'OnFailure' || own.get(name) !== undefined,
    at.at('containerStatuses'),
  );
  checkStates(
    status?.initContainerStatuses,
    previous.status?.initContainerStatuses,
    (name) => policy === 'Always' || policy === 'OnFailure' || sidecars.has(name),
    at.at('initContainerStatuses'),
  );
  checkAddresses(status?.podIPs, at.at('podIPs'));
  checkAddresses(status?.hostIPs, at.at('hostIPs'));
}
