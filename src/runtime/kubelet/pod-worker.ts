/**
 * One pod, one worker. Whatever happens to the pod wakes it; it then looks, plans and sets actions going, one look at a time.
 * Actions run beside it, each at most once at a time, and wake it when they are done. All that it must not forget is in the
 * labels of the pod's containers and in the pod's status, so a worker of a later process can take over.
 */
import type { Milliseconds } from '../../shared/clock.ts';
import type { Persisted } from '../../types/meta.ts';
import type { Pod } from '../../types/kinds/core/pod.ts';
import { EngineError, type ContainerId, type EngineEvent } from '../engine/container-engine.ts';
import { AttemptNumbers, SANDBOX } from './attempt-numbers.ts';
import { nextBackOff, type BackOffEntry } from './back-off.ts';
import { startContainer, StartFailure } from './container-start.ts';
import type { KubeletContext } from './kubelet-context.ts';
import { containersOf, targetOf, type ObservedPod } from './pod-containers.ts';
import type { PodRejection } from './pod-admission.ts';
import { PodEnding } from './pod-ending.ts';
import { PodGrants, type JudgeResize } from './pod-grants.ts';
import { PodNews } from './pod-news.ts';
import {
  isFinished,
  planPod,
  type Condemnation,
  type KillAction,
  type PodPlan,
  type StartAction,
  type Waiting,
} from './pod-plan.ts';
import { PodObserver } from './pod-observer.ts';
import { PodProbes } from './pod-probes.ts';
import { podStatus } from './pod-status.ts';
import { stopContainer } from './pod-stop.ts';
import { adoptSandbox, startSandbox, type Sandbox } from './sandbox.ts';
import { StatusWriter, withOwnStatus } from './status-writer.ts';
import { VolumeKeeper } from './volume-keeper.ts';
import { VolumeError } from './volumes/volume-type.ts';

interface Failure {
  readonly waiting: Waiting | undefined;
  /** On the clock's monotonic scale. */
  readonly until: Milliseconds;
}

const POD_RETRY: Milliseconds = 1000;
/** How soon a node that was full is looked at again for what a pod asks on top. */
const RESIZE_RETRY: Milliseconds = 3000;

export class PodWorker {
  readonly rejection: PodRejection | undefined;
  readonly #context: KubeletContext;
  readonly #grants: PodGrants;
  readonly #observer: PodObserver;
  readonly #probes: PodProbes;
  readonly #volumes: VolumeKeeper;
  readonly #writer: StatusWriter;
  readonly #ending: PodEnding;
  readonly #starting = new AbortController();
  readonly #backOff = new Map<string, BackOffEntry>();
  readonly #attempts = new AttemptNumbers();
  readonly #failures = new Map<string, Failure>();
  readonly #actions = new Map<string, Promise<void>>();
  readonly #condemned = new Map<ContainerId, Condemnation>();
  readonly #held = new Set<ContainerId>();
  readonly #news: PodNews;
  #pod: Persisted<Pod>;
  #status: Pod['status'];
  #sandbox: Sandbox | undefined;
  #address: string | undefined;
  #alarm: Disposable | undefined;
  #alarmDue = Number.POSITIVE_INFINITY;
  #awake = false;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    context: KubeletContext,
    pod: Persisted<Pod>,
    verdicts: { readonly rejection: PodRejection | undefined; readonly judgeResize: JudgeResize },
  ) {
    this.rejection = verdicts.rejection;
    this.#context = context;
    this.#pod = pod;
    this.#status = pod.status;
    this.#grants = new PodGrants(pod, context.engine, verdicts.judgeResize);
    this.#observer = new PodObserver(context);
    this.#writer = new StatusWriter(context, pod);
    this.#volumes = new VolumeKeeper(context);
    this.#news = new PodNews(context);
    this.#probes = new PodProbes(context, pod, this.#held, {
      changed: () => this.#wake(),
      condemn: (id, message, grace) => {
        this.#condemned.set(id, { message, grace });
        this.#wake();
      },
    });
    this.#ending = new PodEnding(context, {
      observe: () => this.#observer.refreshAll(this.#pod),
      settled: () => this.#settled(),
      publish: (observed) => this.#publish(observed, undefined),
      probes: this.#probes,
      volumes: this.#volumes,
      writer: this.#writer,
      forget: () => this.#forgetSandbox(),
      wake: () => this.#wake(),
    });
  }

  get pod(): Persisted<Pod> {
    return this.#pod;
  }

  /** The pod with what it holds of the node, whatever it asks for. */
  get granted(): Persisted<Pod> {
    return this.#grants.within(this.#pod);
  }

  /** The pod's containers as last seen. */
  get observed(): ObservedPod {
    return this.#observer.current();
  }

  /** Resolves when the pod, which the API does not have any more, has left nothing on this node. */
  get gone(): Promise<void> {
    return this.#ending.gone;
  }

  update(pod: Persisted<Pod>): void {
    this.#pod = pod;
    this.#writer.seen(pod);
    this.#volumes.follow(pod);
    if (pod.metadata.deletionTimestamp !== undefined) this.#starting.abort();
    this.#wake();
  }

  /** The pod is not in the API any more: what is left of it goes at once. */
  removed(): void {
    this.#starting.abort();
    this.#writer.stop();
    this.#ending.abandon();
    this.#wake();
  }

  /** An object that the pod refers to has changed: what failed for the want of it is tried again, volumes follow. */
  sourcesChanged(): void {
    for (const [name, failure] of this.#failures) this.#failures.set(name, { ...failure, until: 0 });
    this.#volumes.refresh(this.#pod);
    this.#wake();
  }

  engineEvent(event: EngineEvent): void {
    if (this.#observer.event(event)) this.#wake();
  }

  relisted(ids: ReadonlySet<ContainerId>): void {
    this.#observer.relisted(ids);
    this.#wake();
  }

  /** Stops looking after the pod, and leaves it running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#starting.abort();
    this.#probes[Symbol.dispose]();
    this.#alarm?.[Symbol.dispose]();
    this.#volumes.end();
    this.#ending.stop();
    await this.#running;
    await this.#settled();
    await this.#writer.settled();
    this.#writer.stop();
  }

  #wake(): void {
    this.#awake = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What happens in the same turn is looked at once.
    await Promise.resolve();
    while (this.#awake && !this.#stopped) {
      this.#awake = false;
      try {
        await this.#look();
      } catch (error) {
        // An unreachable engine announces its return by a gap in its events; anything else is tried again.
        if (error instanceof EngineError) this.#context.onEngineTrouble(error);
        else this.#context.onError(error);
        this.#wakeAfter(POD_RETRY);
      }
    }
    // In the turn of the last look: whoever wakes the worker later begins anew.
    this.#running = undefined;
  }

  async #look(): Promise<void> {
    const observed = await this.#observer.refresh(this.#pod);
    if (this.#stopped) return;
    if (!isFinished(this.#pod)) this.#grants.review(this.#pod);
    const { refusal, applied } = this.#grants.progress;
    if (refusal) this.#wakeAfter(RESIZE_RETRY);
    const pod = this.#merged();
    this.#attempts.learn(observed, this.#pod.status);
    this.#probes.follow(pod, observed, this.#address);
    const started = this.#probes.started(pod, observed);
    const busy = new Set(this.#actions.keys());
    const own = { backOff: this.#backOff, attempts: this.#attempts.next, condemned: this.#condemned };
    const memory = { ...own, busy, started, applied };
    const plan = planPod({ pod, rejection: this.rejection, observed, now: this.#context.clock.now(), ...memory });
    if (plan.end || this.#ending.abandoned) {
      return this.#end(pod, observed, plan);
    }
    await this.#act(observed, plan);
    this.#publish(observed, plan);
    if (plan.wakeAfter !== undefined) this.#wakeAfter(plan.wakeAfter);
  }

  #end(pod: Persisted<Pod>, observed: ObservedPod, plan: PodPlan): void {
    this.#starting.abort();
    if (plan.end) this.#news.ends(this.#pod, plan.end);
    this.#ending.begin(pod, { end: plan.end, address: this.#address });
    if (!isFinished(pod) && !this.#ending.abandoned) this.#publish(observed, plan);
  }

  #merged(): Persisted<Pod> {
    return this.#grants.within(withOwnStatus(this.#pod, this.#status));
  }

  async #act(observed: ObservedPod, plan: PodPlan): Promise<void> {
    const sandbox = plan.sandbox ? await this.#sandboxFor(observed, plan.sandbox) : undefined;
    for (const kill of plan.kill) this.#begin(kill.target.name, () => this.#kill(kill));
    for (const resize of plan.resize) this.#begin(resize.target.name, () => this.#grants.apply(resize));
    if (!sandbox) return;
    for (const start of plan.start) this.#begin(start.container.name, () => this.#start(start, sandbox, observed));
    this.#news.backOff(this.#pod, observed, plan);
  }

  async #sandboxFor(observed: ObservedPod, wanted: NonNullable<PodPlan['sandbox']>): Promise<Sandbox | undefined> {
    if (this.#actions.has(SANDBOX)) return this.#sandbox;
    if ('keep' in wanted) {
      if (this.#sandbox) return this.#sandbox;
      const { attempt, state } = wanted.keep;
      const adopted = await adoptSandbox(this.#context, this.#pod, { id: state.id, pid: state.pid, attempt });
      if (adopted) {
        this.#sandbox = adopted;
        this.#address = await adopted.address;
        // They are there already; made again they are only brought up to date.
        this.#volumes.paths(this.#pod, adopted).catch(() => undefined);
        this.#wake();
        return adopted;
      }
      await this.#context.engine.kill(state.id, 'SIGKILL');
      this.#observer.heardOf(state.id);
      this.#wake();
      return undefined;
    }
    if (this.#waits(SANDBOX)) return undefined;
    if (wanted.attempt === 0) this.#news.unrealized(this.#pod);
    return this.#beginSandbox(observed, wanted.attempt);
  }

  #beginSandbox(observed: ObservedPod, attempt: number): Sandbox {
    if (this.#sandbox)
      this.#news.tell(this.#pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    this.#forgetSandbox();
    const left = [...observed.containers.values()].flat().filter((run) => run.state.status === 'running');
    const sandbox = startSandbox(this.#context, this.#pod, attempt, async () => {
      const { engine } = this.#context;
      await Promise.all(left.map((run) => engine.stop(run.state.id, this.#grace())));
      await Promise.all(observed.sandboxes.map((old) => engine.remove(old.state.id)));
    });
    this.#sandbox = sandbox;
    this.#volumes.paths(this.#pod, sandbox).catch(() => undefined);
    this.#begin(SANDBOX, async () => {
      try {
        this.#address = await this.#observer.addressOf(sandbox);
      } catch (error) {
        this.#forgetSandbox();
        const text = error instanceof Error ? error.message : String(error);
        this.#news.tell(this.#pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${text}`);
        throw error;
      }
    });
    return sandbox;
  }

  #forgetSandbox(): void {
    this.#sandbox = undefined;
    this.#address = undefined;
    this.#volumes.forget();
  }

  async #start(action: StartAction, sandbox: Sandbox, observed: ObservedPod): Promise<void> {
    const { name } = action.container;
    if (action.failedAt) {
      this.#backOff.set(name, nextBackOff(this.#backOff.get(name), action.failedAt, this.#context.clock.now()));
    }
    const volumes = this.#volumes.paths(this.#pod, sandbox);
    const terminationLog = this.#observer.terminationLog(this.#pod, name, action.attempt);
    const target = targetOf(this.#pod, name, observed);
    const held = (id: ContainerId, on: boolean): unknown => (on ? this.#held.add(id) : this.#held.delete(id));
    const order = { pod: this.granted, action, sandbox, volumes, terminationLog, target, held };
    await this.#observer.start(
      (told) => startContainer(this.#context, { ...order, ...told }, this.#starting.signal),
      () => this.#wake(),
    );
    // The last run before this one stays, for `logs --previous`.
    const old = (observed.containers.get(name) ?? []).slice(1);
    await Promise.all(old.map((run) => this.#context.engine.remove(run.state.id)));
  }

  async #kill({ target, message, grace, resizes }: KillAction): Promise<void> {
    const wanted = containersOf(this.#pod).find(({ container }) => container.name === target.name);
    const deadline = this.#context.clock.monotonic() + (grace ?? this.#grace());
    const order = { pod: this.#pod, wanted, run: target, address: this.#address, deadline, message };
    await stopContainer(this.#context, order, this.#starting.signal);
    this.#condemned.delete(target.state.id);
    if (resizes) this.#backOff.delete(target.name);
    this.#observer.heardOf(target.state.id);
  }

  /** Runs an action unless one of the same name is under way or has to wait after a failure. */
  #begin(name: string, action: () => Promise<void>): void {
    if (this.#actions.has(name) || this.#waits(name)) return;
    const running = action()
      .then(
        () => void this.#failures.delete(name),
        (error: unknown) => this.#failed(name, error),
      )
      .finally(() => {
        this.#actions.delete(name);
        this.#wake();
      });
    this.#actions.set(name, running);
  }

  #waits(name: string): boolean {
    const left = (this.#failures.get(name)?.until ?? 0) - this.#context.clock.monotonic();
    if (left > 0) this.#wakeAfter(left);
    return left > 0;
  }

  #failed(name: string, error: unknown): void {
    if (this.#starting.signal.aborted) return;
    const now = this.#context.clock.monotonic();
    if (error instanceof StartFailure) {
      const until = error.retryAfter === undefined ? now : now + error.retryAfter;
      this.#failures.set(name, { waiting: error.waiting, until });
      return;
    }
    this.#failures.set(name, { waiting: this.#failures.get(name)?.waiting, until: now + POD_RETRY });
    if (error instanceof EngineError) this.#context.onEngineTrouble(error);
    else if (!(error instanceof VolumeError) && name !== SANDBOX) this.#context.onError(error);
  }

  #publish(observed: ObservedPod, plan: PodPlan | undefined): void {
    const pod = this.#merged();
    const waiting = new Map<string, Waiting>();
    for (const [name, failure] of this.#failures) if (failure.waiting) waiting.set(name, failure.waiting);
    for (const [name, reason] of plan?.waiting ?? []) if (!this.#actions.has(name)) waiting.set(name, reason);
    const sandboxReady =
      this.#address !== undefined && observed.sandboxes.some((run) => run.state.status === 'running');
    const podIp = this.#address ?? pod.status?.podIP;
    this.#status = podStatus({
      pod,
      observed,
      now: this.#context.clock.now(),
      waiting,
      ready: this.#probes.ready(pod, observed),
      started: this.#probes.started(pod, observed),
      messages: this.#observer.messages,
      imageDigests: this.#observer.imageDigests,
      address: { podIp, hostIp: this.#context.network.gateway },
      sandboxReady,
      resize: this.#grants.progress,
      ended: this.#ending.verdict,
      rejected: this.rejection !== undefined,
    });
    this.#writer.write(this.#status);
  }

  #grace(): Milliseconds {
    return (this.#pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  async #settled(): Promise<void> {
    while (this.#actions.size > 0) await Promise.all(this.#actions.values());
  }

  /** Of several alarms the earliest counts; the look that follows sets the others again. */
  #wakeAfter(delay: Milliseconds): void {
    const due = this.#context.clock.monotonic() + delay;
    if (this.#stopped || due >= this.#alarmDue) return;
    this.#alarm?.[Symbol.dispose]();
    this.#alarmDue = due;
    this.#alarm = this.#context.clock.schedule(delay, () => {
      this.#alarmDue = Number.POSITIVE_INFINITY;
      this.#wake();
    });
  }
}
