/** Short ways to write down a pod and what an engine runs for it, for tests of what is decided about them. */
import type { ContainerState } from '../../../src/runtime/engine/container-engine.ts';
import { hashOf, LABEL, observedPod, type ObservedPod } from '../../../src/runtime/kubelet/pod-containers.ts';
import type { Container, Pod, PodSpec, PodStatus } from '../../../src/types/kinds/generated/core-v1.gen.ts';

export const NOW = new Date('2026-01-01T00:10:00Z');
/** Seconds before NOW. */
export const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

export function container(name: string, rest: Partial<Container> = {}): Container {
  return { name, image: `${name}:1`, ...rest };
}

export function podOf(spec: Partial<PodSpec> = {}, status?: PodStatus, metadata: Pod['metadata'] = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u', ...metadata },
    spec: { containers: [container('app')], ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export interface Run {
  readonly is?: 'running' | 'created';
  readonly exit?: number;
  readonly error?: string;
  readonly oom?: boolean;
  readonly attempt?: number;
  /** Seconds before NOW at which it ended. */
  readonly ended?: number;
  readonly image?: string;
  readonly sandbox?: string;
}

/** `POD` is the sandbox, whose id is `POD-<attempt>`; ids of containers are `<name>-<attempt>`. */
export function observe(runs: Readonly<Record<string, Run | readonly Run[]>>): ObservedPod {
  const states = Object.entries(runs).flatMap(([name, list]) => [list].flat().map((run) => stateOf(name, run)));
  return observedPod(states);
}

function stateOf(name: string, run: Run): ContainerState {
  const {
    attempt = 0,
    is,
    exit = 0,
    error = '',
    oom = false,
    ended = 60,
    image = `${name}:1`,
    sandbox = 'POD-0',
  } = run;
  const status = is ?? (error === '' ? 'exited' : 'created');
  const began = status !== 'created';
  return {
    id: `${name}-${attempt}`,
    name: `/${name}-${attempt}`,
    labels: {
      [LABEL.containerName]: name,
      [LABEL.attempt]: String(attempt),
      [LABEL.hash]: hashOf({ name, image }),
      [LABEL.sandboxId]: name === 'POD' ? '' : sandbox,
    },
    ...{ status, exitCode: exit, error, oomKilled: oom, pid: status === 'running' ? 7 : 0 },
    ...{ createdAt: ago(120), startedAt: began ? ago(120) : undefined },
    finishedAt: status === 'exited' ? ago(ended) : undefined,
    ...{ image, imageId: `sha256:${name}`, logPath: undefined },
  };
}

export const UP: Run = { is: 'running' };
