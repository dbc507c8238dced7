/** Waits on watches until everything that was applied is ready, or one object cannot become so. */
import { isFailure } from '../../runtime/client/answers.ts';
import type { ApiClient } from '../../runtime/client/api-client.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import { sleep, systemClock } from '../../shared/clock.ts';
import type { Milliseconds } from '../../shared/clock.ts';
import { atPointer, deepEqual } from '../../shared/deep.ts';
import type { PodTemplateSpec } from '../../types/kinds/generated/core-v1.gen.ts';
import { matchesLabelSelector } from '../../types/label-selector.ts';
import { StatefulSet } from '../../types/kinds/apps/stateful-set.ts';
import { Pod } from '../../types/kinds/core/pod.ts';
import { keyOf } from '../../types/meta.ts';
import type { KubeObject, ObjectKey, Persisted } from '../../types/meta.ts';
import { podFailure, podTrouble } from './pod-trouble.ts';
import type { PodTrouble } from './pod-trouble.ts';
import type { Progress } from './progress.ts';
import { becomesReadyLater, readinessOf } from './readiness.ts';

export interface Awaited {
  readonly kind: KindDefinition;
  readonly object: Persisted;
  readonly title: string;
}

/** The object that cannot become ready, and the pod that tells why. */
export class NotReady extends Error {
  constructor(
    readonly awaited: Awaited,
    readonly why: string,
    readonly pod?: { readonly key: ObjectKey; readonly trouble: PodTrouble },
  ) {
    super(`${awaited.title} is not ready: ${why}`);
  }
}

/** Yields the object now and after each change; resumes from a fresh read when the server has forgotten the revision. */
async function* follow<T extends KubeObject>(
  client: ApiClient,
  kind: KindDefinition<T>,
  key: ObjectKey,
  signal: AbortSignal,
): AsyncGenerator<Persisted<T> | undefined> {
  const resource = client.of(kind);
  while (!signal.aborted) {
    const query = { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}` };
    const { items, resourceVersion } = await resource.list(query, signal);
    yield items[0];
    try {
      for await (const event of resource.watch({ ...query, resourceVersion }, signal)) {
        if (event.type !== 'BOOKMARK') yield event.type === 'DELETED' ? undefined : event.object;
      }
    } catch (error) {
      if (!isFailure(error, 'Expired', 'Gone')) throw error;
    }
  }
}

/** With the latest of its own pods that failed. */
async function failureOf(client: ApiClient, awaited: Awaited, detail: string, signal: AbortSignal): Promise<NotReady> {
  const { uid, namespace = '' } = awaited.object.metadata;
  const { items } = await client.of(Pod).list({ namespace }, signal);
  const own = items.filter(
    ({ metadata }) => metadata.uid === uid || metadata.ownerReferences?.some((owner) => owner.uid === uid),
  );
  for (const pod of own.sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))) {
    const trouble = podFailure(pod);
    if (!trouble) continue;
    const why = `${detail}: pod ${pod.metadata.name}: ${trouble.reason}: ${trouble.message}`;
    return new NotReady(awaited, why, { key: keyOf(pod), trouble });
  }
  return new NotReady(awaited, detail);
}

async function untilReady(client: ApiClient, awaited: Awaited, progress: Progress, signal: AbortSignal): Promise<void> {
  for await (const object of follow(client, awaited.kind, keyOf(awaited.object), signal)) {
    if (!object) throw new NotReady(awaited, 'it was deleted by somebody else');
    const readiness = readinessOf(object);
    progress.set(awaited.title, readiness);
    if (readiness.state === 'ready') return;
    if (readiness.state === 'failed') throw await failureOf(client, awaited, readiness.detail, signal);
  }
  signal.throwIfAborted();
}

/** What of a container makes it another one; volumes and the rest are completed by admission and cannot be compared. */
const telling = ['image', 'command', 'args', 'env', 'envFrom', 'resources'] as const;

/** Whether a pod was made from the template as it is now, and not from the one before. */
function isCurrent(pod: Pod, template: PodTemplateSpec): boolean {
  return [...(template.spec?.containers ?? []), ...(template.spec?.initContainers ?? [])].every((wanted) => {
    const own = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find(
      ({ name }) => name === wanted.name,
    );
    return own !== undefined && telling.every((field) => deepEqual(own[field], wanted[field]));
  });
}

/** The workload that made a pod from its current template. */
function ownerOf(pod: Persisted<Pod>, all: readonly Awaited[]): Awaited | undefined {
  return all.find(({ kind, object }) => {
    if ((object.metadata.namespace ?? '') !== pod.metadata.namespace) return false;
    if (object.kind === 'Pod') return object.metadata.uid === pod.metadata.uid;
    const template = kind.podTemplate?.(object);
    const labels = template?.metadata?.labels;
    if (!template || !labels || Object.keys(labels).length === 0) return false;
    return matchesLabelSelector({ matchLabels: labels }, pod.metadata.labels ?? {}) && isCurrent(pod, template);
  });
}

/** The StatefulSet that waits for this pod, whatever template it is of, before it does anything else. */
function setBehind(pod: Persisted<Pod>, all: readonly Awaited[]): Awaited | undefined {
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return all.find(({ kind, object }) => {
    if (kind.typeName !== StatefulSet.typeName || object.metadata.uid !== owner?.uid) return false;
    return atPointer(object, '/spec/podManagementPolicy') !== 'Parallel';
  });
}

/** Kubernetes leaves this to people too ("forced rollback" in its documentation of StatefulSets). */
function inTheWay(awaited: Awaited, pod: Persisted<Pod>, trouble: PodTrouble): NotReady {
  const { name, namespace } = pod.metadata;
  const remedy = `it is of an earlier template, and in order a StatefulSet does not replace a broken pod by itself: kubectl delete pod ${name} -n ${namespace}`;
  return new NotReady(awaited, `pod ${name}: ${trouble.reason}: ${trouble.message}; ${remedy}`);
}

/** How long a trouble that may pass may last. */
const patience: Milliseconds = 15_000;

/** Rejects with NotReady once a pod of one of the workloads is beyond waiting; resolves only when aborted. */
async function watchPods(
  client: ApiClient,
  namespace: string,
  all: readonly Awaited[],
  pending: ReadonlySet<Awaited>,
  signal: AbortSignal,
): Promise<void> {
  const pods = client.of(Pod);
  const passing = new Set<string>();
  let tooLong = (_error: unknown): void => undefined;
  const lasting = new Promise<never>((_resolve, reject) => (tooLong = reject));
  const lookAgain = async (pod: Persisted<Pod>): Promise<void> => {
    await sleep(systemClock, patience, signal);
    passing.delete(pod.metadata.uid);
    const now = await pods.get(keyOf(pod));
    if (now?.metadata.uid === pod.metadata.uid) inspect(now, true);
  };
  const inspect = (pod: Persisted<Pod>, isLate = false): void => {
    if (pod.metadata.deletionTimestamp !== undefined) return;
    const trouble = podTrouble(pod);
    if (!trouble) return;
    const owner = ownerOf(pod, all);
    const blocked = owner ? undefined : setBehind(pod, all);
    if (blocked && pending.has(blocked) && trouble.passing !== true) throw inTheWay(blocked, pod, trouble);
    if (!owner || !pending.has(owner)) return;
    if (isLate || trouble.passing !== true) {
      const why = `pod ${pod.metadata.name}: ${trouble.reason}: ${trouble.message}`;
      throw new NotReady(owner, why, { key: keyOf(pod), trouble });
    }
    if (passing.has(pod.metadata.uid)) return;
    passing.add(pod.metadata.uid);
    lookAgain(pod).catch((error: unknown) => {
      if (!signal.aborted) tooLong(error);
    });
  };
  const looking = async (): Promise<void> => {
    while (!signal.aborted) {
      const { items, resourceVersion } = await pods.list({ namespace }, signal);
      for (const pod of items) inspect(pod);
      try {
        for await (const event of pods.watch({ namespace, resourceVersion }, signal)) {
          if (event.type === 'ADDED' || event.type === 'MODIFIED') inspect(event.object);
        }
      } catch (error) {
        if (!isFailure(error, 'Expired', 'Gone')) throw error;
      }
    }
  };
  await Promise.race([looking(), lasting]);
}

/** @throws NotReady, or the signal's reason */
export async function waitUntilReady(
  client: ApiClient,
  applied: readonly Awaited[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const all = applied.filter(({ object }) => becomesReadyLater(object));
  const pending = new Set(all);
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  const namespaces = new Set(all.map(({ object }) => object.metadata.namespace ?? ''));
  const trouble = [...namespaces].map((namespace) => watchPods(client, namespace, all, pending, either));
  const ready = Promise.all(
    all.map(async (awaited) => {
      await untilReady(client, awaited, progress, either);
      pending.delete(awaited);
    }),
  );
  // Whichever fails first is the answer; the others end with the abort, which is then of no interest.
  const others = Promise.allSettled([ready, ...trouble]);
  try {
    await Promise.race([ready, ...trouble.map((watching) => watching.then(() => ready))]);
  } finally {
    done.abort();
    await others;
  }
}
