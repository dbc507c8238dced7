/** Scales what has pods by what the pods use. */
import type { Milliseconds } from '../../../shared/clock.ts';
import { deepEqual } from '../../../shared/deep.ts';
import { setCondition } from '../../../types/conditions.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import { HorizontalPodAutoscaler } from '../../../types/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import type {
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
} from '../../../types/kinds/generated/autoscaling-v2.gen.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { matchesLabels, parseLabelSelector } from '../../../types/label-selector.ts';
import type { LabelQuery } from '../../../types/label-selector.ts';
import { keyText } from '../../../types/meta.ts';
import type { ObjectKey, Persisted } from '../../../types/meta.ts';
import { PodMetrics } from '../../../types/metrics-kinds.ts';
import { isFailure } from '../../client/answers.ts';
import { ApiFailure, type ScaleAnswer } from '../../client/api-client.ts';
import type { Controller, ControllerContext, Outcome, Reconcile } from '../framework/controller.ts';
import { trimmed, type ScalingHistory } from './behavior.ts';
import { boundsOnly, planScaling, type Condition, type ScalingPlan } from './plan.ts';

/** As --horizontal-pod-autoscaler-sync-period. */
const syncPeriod: Milliseconds = 15_000;

type Autoscaler = Persisted<HorizontalPodAutoscaler>;

export const horizontalPodAutoscalerController: Controller<HorizontalPodAutoscaler> = {
  name: 'horizontal-pod-autoscaler',
  kind: HorizontalPodAutoscaler,
  reconciler: (context) => new AutoscalerReconciler(context).reconcile,
};

/** What is remembered of an autoscaler from one look to the next. */
interface Memory {
  readonly uid: string;
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly lookedAt: Milliseconds;
  readonly history: ScalingHistory;
  /** Of the pods, for finding autoscalers that share some. */
  readonly selector: string;
}

interface Target {
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  readonly scale: ScaleAnswer;
}

class AutoscalerReconciler {
  readonly #context: ControllerContext;
  readonly #memories = new Map<string, Memory>();

  constructor(context: ControllerContext) {
    this.#context = context;
    context.informers.of(Pod);
  }

  readonly reconcile: Reconcile = async (key, signal): Promise<Outcome> => {
    const { informers, clock } = this.#context;
    const autoscaler = informers.of(HorizontalPodAutoscaler).get(key);
    const { spec } = autoscaler ?? {};
    if (!autoscaler || !spec || autoscaler.metadata.deletionTimestamp !== undefined) {
      this.#memories.delete(keyText(key));
      return {};
    }
    const known = this.#memories.get(keyText(key));
    const memory = known?.uid === autoscaler.metadata.uid ? known : undefined;
    // Its own status is a change too: a look each period, and at once only at what somebody has changed.
    const left = memory ? memory.lookedAt + syncPeriod - clock.monotonic() : 0;
    if (memory && left > 0 && deepEqual(memory.spec, spec)) return { requeueAfter: left };
    await this.#look(autoscaler, spec, memory, signal);
    return { requeueAfter: syncPeriod };
  };

  async #look(
    autoscaler: Autoscaler,
    spec: HorizontalPodAutoscalerSpec,
    memory: Memory | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#context;
    const target = await this.#target(autoscaler, spec);
    const now = clock.now();
    const current = typeof target === 'string' ? 0 : target.scale.replicas;
    const history = memory?.history ?? { recommendations: [{ at: now, replicas: current }], ups: [], downs: [] };
    const remember = (next: ScalingHistory): void => {
      this.#memories.set(keyText(keyOfAutoscaler(autoscaler)), {
        uid: autoscaler.metadata.uid,
        spec,
        lookedAt: clock.monotonic(),
        history: trimmed(next, spec.behavior, now),
        selector: typeof target === 'string' ? '' : target.scale.selector,
      });
    };
    if (typeof target === 'string') {
      remember(history);
      this.#warn(autoscaler, 'FailedGetScale', target);
      const message = `the HPA controller was unable to get the target's current scale: ${target}`;
      const conditions = this.#conditions(autoscaler, [
        { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message },
      ]);
      await this.#write(autoscaler, { ...autoscaler.status, desiredReplicas: desiredOf(autoscaler), conditions });
      return;
    }
    const plan = await this.#plan(autoscaler, spec, target, history, signal);
    const recommended =
      plan.recommendation === undefined
        ? history
        : { ...history, recommendations: [...history.recommendations, { at: now, replicas: plan.recommendation }] };
    remember(await this.#act(autoscaler, target, plan, recommended));
  }

  /** The text says why there is none. */
  async #target(autoscaler: Autoscaler, spec: HorizontalPodAutoscalerSpec): Promise<Target | string> {
    const { apiVersion = 'v1', kind: kindName, name } = spec.scaleTargetRef;
    const kind = this.#context.registry.kind(apiVersion, kindName);
    if (!kind?.served) {
      const missing = `no matches for kind ${JSON.stringify(kindName)} in version ${JSON.stringify(apiVersion)}`;
      return `unable to determine resource for scale target reference: ${missing}`;
    }
    const resource = kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
    if (!kind.subresources.includes('scale')) return `${resource} does not implement the scale subresource`;
    const key = { namespace: autoscaler.metadata.namespace ?? '', name };
    const scale = await this.#context.client.of(kind).scale(key);
    return scale ? { kind, key, scale } : `${resource} ${JSON.stringify(name)} not found`;
  }

  async #plan(
    autoscaler: Autoscaler,
    spec: HorizontalPodAutoscalerSpec,
    target: Target,
    history: ScalingHistory,
    signal: AbortSignal,
  ): Promise<ScalingPlan> {
    const { scale, key } = target;
    const byBounds = boundsOnly(spec, scale.replicas);
    if (byBounds) return byBounds;
    if (scale.selector === '')
      return refused('InvalidSelector', "the HPA target's scale is missing a selector", {
        reason: 'SelectorRequired',
        message: 'selector is required',
      });
    const selector = parseLabelSelector(scale.selector);
    const pods = this.#pods(key.namespace, selector);
    const rivals = this.#rivals(autoscaler, pods);
    if (rivals.length > 0) {
      const message = `pods by selector ${scale.selector} are controlled by multiple HPAs: [${rivals.join(' ')}]`;
      return refused('AmbiguousSelector', message, { reason: 'AmbiguousSelector', message });
    }
    const facts = {
      namespace: key.namespace,
      pods,
      usage: await this.#usage(key.namespace, scale.selector, signal),
      currentReplicas: scale.replicas,
      now: this.#context.clock.now(),
    };
    return planScaling({ spec, facts, history });
  }

  #pods(namespace: string, selector: LabelQuery): readonly Persisted<Pod>[] {
    return this.#context.informers
      .of(Pod)
      .list(namespace)
      .filter(({ metadata }) => matchesLabels(selector, metadata.labels));
  }

  /** All autoscalers of these pods, when they are several. */
  #rivals({ metadata: { namespace = '', name } }: Autoscaler, pods: readonly Persisted<Pod>[]): readonly string[] {
    const own = `${namespace}/${name}`;
    const others = [...this.#memories].filter(([key, { selector }]) => {
      if (key === own || selector === '' || !key.startsWith(`${namespace}/`)) return false;
      const query = parseLabelSelector(selector);
      return pods.some(({ metadata }) => matchesLabels(query, metadata.labels));
    });
    return others.length === 0 ? [] : [own, ...others.map(([key]) => key)].sort();
  }

  /** Undefined where the cluster measures nothing. */
  async #usage(
    namespace: string,
    labelSelector: string,
    signal: AbortSignal,
  ): Promise<readonly PodMetrics[] | undefined> {
    try {
      return (await this.#context.client.of(PodMetrics).list({ namespace, labelSelector }, signal)).items;
    } catch (error) {
      if (isFailure(error, 'NotFound', 'ServiceUnavailable')) return undefined;
      throw error;
    }
  }

  async #act(
    autoscaler: Autoscaler,
    { kind, key, scale }: Target,
    plan: ScalingPlan,
    history: ScalingHistory,
  ): Promise<ScalingHistory> {
    const { client, clock, event } = this.#context;
    const found: Condition = {
      type: 'AbleToScale',
      status: 'True',
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
    };
    for (const { reason, message } of plan.warnings) this.#warn(autoscaler, reason, message);
    const now = clock.now();
    const base = {
      currentReplicas: scale.replicas,
      ...(plan.metrics.length === 0 ? {} : { currentMetrics: plan.metrics }),
    };
    const write = (conditions: readonly Condition[], desired: number, rescaled: boolean): Promise<void> =>
      this.#write(autoscaler, {
        ...base,
        ...lastScaleTime(autoscaler, rescaled ? now : undefined),
        desiredReplicas: desired,
        conditions: this.#conditions(autoscaler, [found, ...plan.conditions, ...conditions]),
      });
    const { replicas } = plan;
    if (replicas === undefined || replicas === scale.replicas) {
      await write([], replicas ?? desiredOf(autoscaler), false);
      return history;
    }
    try {
      await client.of(kind).setScale(key, replicas, scale.resourceVersion);
    } catch (error) {
      if (!(error instanceof ApiFailure)) throw error;
      this.#warn(autoscaler, 'FailedRescale', `New size: ${replicas}; reason: ${plan.cause}; error: ${error.message}`);
      const message = `the HPA controller was unable to update the target scale: ${error.message}`;
      const failed = { type: 'AbleToScale', status: 'False', reason: 'FailedUpdateScale', message } as const;
      await write([failed], desiredOf(autoscaler), false);
      return history;
    }
    event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${plan.cause}`);
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    await write([{ type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message }], replicas, true);
    const change = { at: now, replicas: Math.abs(replicas - scale.replicas) };
    return replicas > scale.replicas
      ? { ...history, ups: [...history.ups, change] }
      : { ...history, downs: [...history.downs, change] };
  }

  #conditions(autoscaler: Autoscaler, next: readonly Condition[]): readonly HorizontalPodAutoscalerCondition[] {
    const lastTransitionTime = `${this.#context.clock.now().toISOString().slice(0, 19)}Z`;
    let conditions = autoscaler.status?.conditions ?? [];
    // What is said of one type last counts.
    const latest = new Map(next.map((condition) => [condition.type, condition]));
    for (const condition of latest.values())
      conditions = setCondition(conditions, { ...condition, lastTransitionTime });
    return conditions;
  }

  #warn(autoscaler: Autoscaler, reason: string, message: string): void {
    this.#context.event(autoscaler, 'Warning', reason, message);
  }

  async #write(autoscaler: Autoscaler, status: HorizontalPodAutoscalerStatus): Promise<void> {
    if (deepEqual(status, autoscaler.status)) return;
    try {
      await this.#context.client.of(HorizontalPodAutoscaler).updateStatus({ ...autoscaler, status });
    } catch (error) {
      if (!isFailure(error, 'NotFound')) throw error;
    }
  }
}

function refused(reason: string, message: string, warning: { reason: string; message: string }): ScalingPlan {
  return {
    ...{ replicas: undefined, cause: '', recommendation: undefined, metrics: [] },
    conditions: [{ type: 'ScalingActive', status: 'False', reason, message }],
    warnings: [warning],
  };
}

function keyOfAutoscaler({ metadata: { namespace = '', name } }: Autoscaler): ObjectKey {
  return { namespace, name };
}

function desiredOf({ status }: Autoscaler): number {
  return status?.desiredReplicas ?? 0;
}

function lastScaleTime({ status }: Autoscaler, now: Date | undefined): { readonly lastScaleTime?: string } {
  if (now) return { lastScaleTime: `${now.toISOString().slice(0, 19)}Z` };
  return status?.lastScaleTime === undefined ? {} : { lastScaleTime: status.lastScaleTime };
}
