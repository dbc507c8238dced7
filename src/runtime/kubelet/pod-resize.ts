/** Changes of what running containers may use (KEP-1287). Pure. */
import { deepEqual } from '../../shared/deep.ts';
import type { Container, Pod, PodStatus, ResourceRequirements } from '../../types/kinds/generated/core-v1.gen.ts';
import { amountOf, podRequests } from '../../types/pod/requests.ts';
import { changedLimits, limitsOf, limitsText } from './container-limits.ts';
import { containersOf, LABEL, type PodContainer } from './pod-containers.ts';

/** What the node has agreed to, by container. */
export type Grants = ReadonlyMap<string, ResourceRequirements>;

/** Why the node does not agree to a change, for good or for now. */
export interface ResizeRefusal {
  readonly reason: 'Infeasible' | 'Deferred';
  readonly message: string;
}

/** What the pod asks for. */
export function wantedGrants(pod: Pod): Grants {
  const resizable = containersOf(pod).filter(({ role }) => role === 'app' || role === 'sidecar');
  return new Map(resizable.map(({ container }) => [container.name, container.resources ?? {}]));
}

/** What the pod was granted before by its own account; of what has no status, what it asks for. */
export function formerGrants(pod: Pod): Grants {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const statuses = new Map([...initContainerStatuses, ...containerStatuses].map((status) => [status.name, status]));
  return new Map(
    [...wantedGrants(pod)].map(([name, wanted]) => {
      const { resources, allocatedResources: requests } = statuses.get(name) ?? {};
      return [name, resources ? { ...wanted, ...resources, ...(requests ? { requests } : {}) } : wanted];
    }),
  );
}

export function sameGrants(a: Grants, b: Grants): boolean {
  return [...a].every(([name, { requests = {}, limits = {} }]) => {
    const other = b.get(name) ?? {};
    return deepEqual(requests, other.requests ?? {}) && deepEqual(limits, other.limits ?? {});
  });
}

/** The pod as it would read had it never asked for more than it was granted. */
export function granted<P extends Pod>(pod: P, grants: Grants): P {
  const { spec } = pod;
  if (!spec || sameGrants(wantedGrants(pod), grants)) return pod;
  const as = (container: Container): Container => {
    const resources = grants.get(container.name);
    return resources ? { ...container, resources } : container;
  };
  const { initContainers } = spec;
  const init = initContainers ? { initContainers: initContainers.map(as) } : {};
  return { ...pod, spec: { ...spec, ...init, containers: spec.containers.map(as) } };
}

/** @param others what else was granted on the node */
export function judgeResize(
  pod: Pod,
  node: { readonly allocatable: Readonly<Record<string, string>>; readonly others: readonly Pod[] },
): ResizeRefusal | undefined {
  const { status: _, ...asked } = pod;
  const others = node.others.map(podRequests);
  let deferred: ResizeRefusal | undefined;
  for (const name of ['cpu', 'memory']) {
    const requested = podRequests(asked)[name] ?? 0;
    const capacity = amountOf(name, node.allocatable[name] ?? '0');
    const used = others.reduce((sum, requests) => sum + (requests[name] ?? 0), 0);
    if (requested > capacity) {
      const numbers = `requested: ${requested}, capacity: ${capacity}`;
      return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, ${numbers}` };
    }
    if (requested > capacity - used) {
      const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
      deferred ??= { reason: 'Deferred', message: `Node didn't have enough resource: ${name}, ${numbers}` };
    }
  }
  return deferred;
}

/** By engine id: what was changed since a container was made, as `limitsText`. */
export type AppliedLimits = ReadonlyMap<string, string>;

/** `restart` where the container says that it has to begin anew to notice. */
export function resizeOf(
  container: Container,
  run: PodContainer,
  applied: AppliedLimits,
): 'none' | 'update' | 'restart' {
  const wanted = limitsText(limitsOf(container));
  const changed = changedLimits(applied.get(run.state.id) ?? run.state.labels[LABEL.limits] ?? wanted, wanted);
  if (changed.length === 0) return 'none';
  const policies = container.resizePolicy ?? [];
  const restarts = policies.some(({ resourceName, restartPolicy }) => {
    return restartPolicy === 'RestartContainer' && changed.some((name) => name === resourceName);
  });
  return restarts ? 'restart' : 'update';
}

/** How far a change has come, as the pod's conditions say it. */
export interface ResizeProgress {
  readonly refusal: ResizeRefusal | undefined;
  readonly applied: AppliedLimits;
  /** Why the kernel did not take what was agreed to. */
  readonly failure: string | undefined;
}

export interface ResizeVerdict {
  readonly type: 'PodResizePending' | 'PodResizeInProgress';
  readonly status: 'True';
  readonly reason?: string;
  readonly message?: string;
}

export function resizeVerdicts(progress: ResizeProgress | undefined, underWay: boolean): readonly ResizeVerdict[] {
  if (!progress) return [];
  const { refusal, failure } = progress;
  const status = 'True';
  return [
    ...(refusal ? [{ type: 'PodResizePending', status, ...refusal } as const] : []),
    ...(underWay
      ? [{ type: 'PodResizeInProgress', status, ...(failure ? { reason: 'Error', message: failure } : {}) } as const]
      : []),
  ];
}

/** What the pod's status said of this container's resources. */
export function statedResources(status: PodStatus | undefined, name: string): ResourceRequirements | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = status ?? {};
  return [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name)?.resources;
}
