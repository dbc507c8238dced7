/** What probes have found out about the containers of one pod. */
import type { Milliseconds } from '../../shared/clock.ts';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ContainerId } from '../engine/container-engine.ts';
import { tellOf, type KubeletContext } from './kubelet-context.ts';
import { containersOf, type DesiredContainer, type ObservedPod, type PodContainer } from './pod-containers.ts';
import { Probes, type ProbeKind } from './probes.ts';

export interface ProbeFindings {
  changed(): void;
  /** The container is to be killed and started anew. */
  condemn(id: ContainerId, message: string, grace: Milliseconds | undefined): void;
}

const TITLE: Readonly<Record<ProbeKind, string>> = { startup: 'Startup', readiness: 'Readiness', liveness: 'Liveness' };

export class PodProbes implements Disposable {
  readonly #probes: Probes;
  readonly #held: ReadonlySet<ContainerId>;
  readonly #started = new Set<ContainerId>();
  readonly #ready = new Set<ContainerId>();

  /** @param held containers that run and do not count as started yet */
  constructor(context: KubeletContext, pod: Pod, held: ReadonlySet<ContainerId>, findings: ProbeFindings) {
    this.#held = held;
    // A later process takes up what an earlier one had found: nobody is taken out of service by a restart of the daemon.
    for (const status of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]) {
      const id = status.containerID?.replace(/^docker:\/\//, '');
      if (id && status.started) this.#started.add(id);
      if (id && status.ready) this.#ready.add(id);
    }
    this.#probes = new Probes(context, {
      onVerdict: (kind, container, id, ok) => this.#onVerdict(findings, kind, container, id, ok),
      onFailure: (kind, container, output) => {
        const tell = tellOf(context, pod, container, roleOf(pod, container.name));
        tell('Warning', 'Unhealthy', `${TITLE[kind]} probe failed: ${output}`);
      },
      onWarning: (kind, container, warning) => {
        const tell = tellOf(context, pod, container, roleOf(pod, container.name));
        tell('Warning', 'ProbeWarning', `${TITLE[kind]} probe warning: ${warning}`);
      },
      onResult: (kind, container, ok) => context.probed(pod, container, TITLE[kind], ok),
    });
  }

  /** Probes what runs now, and nothing else. */
  follow(pod: Pod, observed: ObservedPod, address: string | undefined): void {
    const running = this.#running(pod, observed);
    this.#probes.keepOnly(new Set(running.map(({ run }) => run.state.id)));
    if (address === undefined) return;
    for (const { wanted, run } of running) {
      const { container } = wanted;
      const target = { container, containerId: run.state.id, address };
      this.#probes.cover(target, run.state.startedAt ?? run.state.createdAt, this.#isStarted(container, run));
    }
  }

  onlyReadiness(): void {
    this.#probes.onlyReadiness();
  }

  started(pod: Pod, observed: ObservedPod): ReadonlySet<ContainerId> {
    const running = this.#running(pod, observed);
    return new Set(running.filter(({ wanted, run }) => this.#isStarted(wanted.container, run)).map(idOf));
  }

  ready(pod: Pod, observed: ObservedPod): ReadonlySet<ContainerId> {
    const isReady = ({ wanted, run }: RunningContainer): boolean => {
      if (!this.#isStarted(wanted.container, run)) return false;
      return wanted.container.readinessProbe === undefined || this.#ready.has(run.state.id);
    };
    return new Set(this.#running(pod, observed).filter(isReady).map(idOf));
  }

  [Symbol.dispose](): void {
    this.#probes[Symbol.dispose]();
  }

  #running(pod: Pod, observed: ObservedPod): readonly RunningContainer[] {
    return runningContainers(pod, observed).filter(({ run }) => !this.#held.has(run.state.id));
  }

  #isStarted(container: Container, run: PodContainer): boolean {
    return container.startupProbe === undefined || this.#started.has(run.state.id);
  }

  #onVerdict(findings: ProbeFindings, kind: ProbeKind, container: Container, id: ContainerId, ok: boolean): void {
    if (kind === 'readiness') {
      if (ok) this.#ready.add(id);
      else this.#ready.delete(id);
    } else if (ok) {
      if (kind === 'startup') {
        this.#started.add(id);
        this.#probes.end(id, 'startup');
      }
    } else {
      const probe = kind === 'startup' ? container.startupProbe : container.livenessProbe;
      const seconds = probe?.terminationGracePeriodSeconds;
      const message = `Container ${container.name} failed ${kind} probe, will be restarted`;
      findings.condemn(id, message, seconds === undefined ? undefined : seconds * 1000);
    }
    findings.changed();
  }
}

interface RunningContainer {
  readonly wanted: DesiredContainer;
  readonly run: PodContainer;
}

function idOf({ run }: RunningContainer): ContainerId {
  return run.state.id;
}

function runningContainers(pod: Pod, observed: ObservedPod): readonly RunningContainer[] {
  return containersOf(pod).flatMap((wanted) => {
    const run = observed.containers.get(wanted.container.name)?.[0];
    return run?.state.status === 'running' ? [{ wanted, run }] : [];
  });
}

function roleOf(pod: Pod, name: string): DesiredContainer['role'] {
  return containersOf(pod).find(({ container }) => container.name === name)?.role ?? 'app';
}
