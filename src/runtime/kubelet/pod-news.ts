/** What the events of one pod tell its user, each thing once. */
import { Pod } from '../../types/kinds/core/pod.ts';
import { unrealizedFields, unrealizedText } from '../../types/unrealized-fields.ts';
import type { ContainerId } from '../engine/container-engine.ts';
import { podReference, tellOf, type KubeletContext } from './kubelet-context.ts';
import { containersOf, hasEnded, podText, type ObservedPod } from './pod-containers.ts';
import type { PodPlan } from './pod-plan.ts';

export class PodNews {
  readonly #context: KubeletContext;
  readonly #toldBackOff = new Set<ContainerId>();
  #toldEnd = false;

  constructor(context: KubeletContext) {
    this.#context = context;
  }

  tell(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#context.record(podReference(pod), type, reason, message);
  }

  backOff(pod: Pod, observed: ObservedPod, plan: PodPlan): void {
    for (const { container, role } of containersOf(pod)) {
      const last = observed.containers.get(container.name)?.[0];
      if (!plan.waiting.has(container.name) || !last || !hasEnded(last.state)) continue;
      if (this.#toldBackOff.has(last.state.id)) continue;
      this.#toldBackOff.add(last.state.id);
      const text = `Back-off restarting failed container ${container.name} in pod ${podText(pod)}`;
      tellOf(this.#context, pod, container, role)('Warning', 'BackOff', text);
    }
  }

  /** Fields of which the user might expect something. */
  unrealized(pod: Pod): void {
    const paths = unrealizedFields(Pod, pod);
    if (paths.length > 0) this.tell(pod, 'Warning', 'FieldWithoutEffect', paths.map(unrealizedText).join('; '));
  }

  /** The node itself ends the pod. */
  ends(pod: Pod, end: NonNullable<PodPlan['end']>): void {
    if (this.#toldEnd || end.phase === undefined) return;
    this.#toldEnd = true;
    const isDeadline = end.reason === 'DeadlineExceeded';
    this.tell(pod, isDeadline ? 'Normal' : 'Warning', end.reason, end.message);
  }
}
