/** Takes the announcement of a disruption back that did not come: the pod was to be deleted, and is still there. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { findCondition } from '../../../types/conditions.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { ControllerContext } from '../framework/controller.ts';
import { isPodActive } from '../framework/pod-state.ts';

const target = 'DisruptionTarget';
/** As upstream's stalePodDisruptionTimeout. */
const staleAfter: Milliseconds = 2 * 60_000;

/** When the announcement is stale; undefined for a pod that is not announced, or goes as announced. */
function staleAt(pod: Pod): number | undefined {
  const announced = findCondition(pod.status?.conditions, target);
  if (announced?.status !== 'True' || announced.lastTransitionTime === undefined || !isPodActive(pod)) return undefined;
  return Date.parse(announced.lastTransitionTime) + staleAfter;
}

export function watchStaleTargets({ client, clock, informers, onError, use }: ControllerContext): void {
  const pods = informers.of(Pod);
  const timers = new Map<string, Disposable>();
  const forget = (uid: string): void => {
    timers.get(uid)?.[Symbol.dispose]();
    timers.delete(uid);
  };
  const takeBack = async (pod: Persisted<Pod>): Promise<void> => {
    const live = pods.get(keyOf(pod));
    const due = live?.metadata.uid === pod.metadata.uid ? staleAt(live) : undefined;
    if (!live || due === undefined || due > clock.now().getTime()) return;
    const lastTransitionTime = `${clock.now().toISOString().slice(0, 19)}Z`;
    const others = (live.status?.conditions ?? []).filter(({ type }) => type !== target);
    const conditions = [...others, { type: target, status: 'False', lastTransitionTime }];
    await client.of(Pod).updateStatus({ ...live, status: { ...live.status, conditions } });
  };
  const subscription = pods.subscribe(({ type, object: pod }) => {
    const { uid } = pod.metadata;
    const due = type === 'delete' ? undefined : staleAt(pod);
    if (due === undefined) return forget(uid);
    if (timers.has(uid)) return;
    const timer = clock.schedule(due - clock.now().getTime(), () => {
      timers.delete(uid);
      takeBack(pod).catch((error: unknown) => {
        // Whoever wrote meanwhile is heard of in another event.
        if (!isFailure(error, 'NotFound', 'Conflict')) onError(error, `pod ${keyText(keyOf(pod))}`);
      });
    });
    timers.set(uid, timer);
  });
  use(subscription);
  use({ [Symbol.dispose]: () => timers.forEach((timer) => timer[Symbol.dispose]()) });
}
