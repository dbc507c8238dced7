/** Informers -> queues -> workers, for any controller. */
import type { Clock } from '../../../shared/clock.ts';
import type { Component } from '../../../shared/component.ts';
import { DisposeStack } from '../../../shared/dispose.ts';
import { keyOf, keyText } from '../../../types/meta.ts';
import type { KubeObject, ObjectKey } from '../../../types/meta.ts';
import type { Registry } from '../../../types/registry.ts';
import { isFailure } from '../../client/answers.ts';
import type { ApiClient } from '../../client/api-client.ts';
import { EventRecorder } from '../../client/event-recorder.ts';
import type { Informer, InformerEvent, Informers } from '../../client/informer.ts';
import type { AnyController, Controller, ControllerContext, FreeController, Reconcile } from './controller.ts';
import { controllerOf, groupOf } from './ownership.ts';
import { RateLimitedQueue } from './work-queue.ts';
import { untilAborted } from './until-aborted.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ControllerManagerOptions {
  readonly controllers: readonly AnyController[];
  /** The client that a controller acts with: its own user, so that RBAC and audit can tell controllers apart. */
  clientFor(account: string): ApiClient;
  /** Shared by all controllers, and with other components. Not disposed of by the manager. */
  readonly informers: Informers;
  readonly registry: Registry;
  readonly clock: Clock;
  /** Told of failed reconciles and of whatever else goes wrong; conflicts, which heal by themselves, are not told. */
  onError(error: unknown, controller: string, what: string): void;
  readonly random?: () => number;
}

export interface ControllerMetrics {
  readonly controller: string;
  readonly reconciles: number;
  readonly failures: number;
  readonly conflicts: number;
  /** Keys that wait now. */
  readonly depth: number;
  /** Seconds spent in reconciles, those of several workers added up. */
  readonly seconds: number;
}

interface Running {
  readonly controller: Controller;
  readonly queue: WorkQueue<string>;
  readonly reconcile: Reconcile;
  readonly counts: { reconciles: number; failures: number; conflicts: number; milliseconds: number };
}

interface Prepared {
  /** Informers that have to be synced before the workers start. */
  readonly needs: readonly Informer[];
  startWorkers(): void;
}

export class ControllerManager implements Component {
  readonly name = 'controller-manager';
  readonly #options: ControllerManagerOptions;
  readonly #running = new Map<string, Running>();

  constructor(options: ControllerManagerOptions) {
    this.#options = options;
  }

  metrics(): readonly ControllerMetrics[] {
    return [...this.#running.values()].map(({ controller, queue, counts }) => ({
      controller: controller.name,
      reconciles: counts.reconciles,
      failures: counts.failures,
      conflicts: counts.conflicts,
      depth: queue.size,
      seconds: counts.milliseconds / 1000,
    }));
  }

  /** Resolves once every controller has its informers synced and its workers running. */
  async start(signal: AbortSignal): Promise<AsyncDisposable> {
    const stack = new DisposeStack();
    try {
      const ready = this.#options.controllers.map((controller) => this.#prepare(controller, stack, signal));
      const synced = ready.flatMap(({ needs }) => needs.map((informer) => informer.synced));
      await untilAborted(Promise.all(synced), signal);
      for (const { startWorkers } of ready) startWorkers();
    } catch (error) {
      await stack[Symbol.asyncDispose]();
      throw error;
    }
    return stack;
  }

  /** Subscribes a controller to all it watches. */
  #prepare(controller: AnyController, stack: DisposeStack, signal: AbortSignal): Prepared {
    if (!isKindController(controller)) {
      startFree(
        controller,
        this.#contextOf(controller, stack, () => undefined),
        stack,
        signal,
      );
      return { needs: [], startWorkers: () => undefined };
    }
    const { informers, clock } = this.#options;
    const queue = stack.use(new RateLimitedQueue<string>(clock));
    const context = this.#contextOf(controller, stack, (key) => queue.add(keyText(key)));
    const needed = recordingInformers(informers);
    const reconcile = controller.reconciler({ ...context, informers: needed.informers });
    const counts = { reconciles: 0, failures: 0, conflicts: 0, milliseconds: 0 };
    const running: Running = { controller, queue, reconcile, counts };
    this.#running.set(controller.name, running);
    stack.defer(() => void this.#running.delete(controller.name));
    this.#subscribe(controller, queue, needed.informers, stack);
    return { needs: [...needed.asked], startWorkers: () => this.#startWorkers(running, stack) };
  }

  #startWorkers(running: Running, stack: DisposeStack): void {
    const { controller } = running;
    const stop = new AbortController();
    const workers = Array.from({ length: controller.workers ?? 5 }, () => this.#work(running, stop.signal));
    stack.defer(async () => {
      stop.abort(new Error(`${controller.name} stops`));
      await Promise.all(workers);
    });
  }

  #contextOf(controller: AnyController, stack: DisposeStack, enqueue: (key: ObjectKey) => void): ControllerContext {
    const { clock, informers, registry, onError, random = Math.random } = this.#options;
    const account = 'account' in controller ? controller.account : undefined;
    const client = this.#options.clientFor(account ?? controller.name);
    const recorder = stack.use(
      new EventRecorder({
        client,
        clock,
        component: controller.name,
        onError: (error) => onError(error, controller.name, 'writing an event'),
      }),
    );
    return {
      client,
      informers,
      registry,
      clock,
      event: recorder.record,
      random,
      enqueue,
      onError: (error, what) => onError(error, controller.name, what),
      use: (resource) => void stack.use(resource),
    };
  }

  #subscribe(controller: Controller, queue: WorkQueue<string>, informers: Informers, stack: DisposeStack): void {
    const add = (key: ObjectKey): void => queue.add(keyText(key));
    stack.use(informers.of(controller.kind).subscribe(({ object }) => add(keyOf(object))));
    for (const owned of controller.owns ?? []) {
      stack.use(
        informers.of(owned).subscribe((event) => {
          for (const object of statesOf(event)) {
            const key = ownerKey(controller, object);
            if (key) add(key);
          }
        }),
      );
    }
    for (const watched of controller.alsoWatches ?? []) {
      stack.use(
        informers.of(watched.kind).subscribe((event) => {
          for (const object of statesOf(event)) for (const key of watched.concerns(object, informers)) add(key);
        }),
      );
    }
  }

  async #work(running: Running, signal: AbortSignal): Promise<void> {
    const { queue } = running;
    for (let key = await queue.take(signal); key !== undefined; key = await queue.take(signal)) {
      await this.#reconcileOne(running, key, signal);
      queue.done(key);
    }
  }

  async #reconcileOne(
    { controller, queue, reconcile, counts }: Running,
    key: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, onError } = this.#options;
    const startedAt = clock.monotonic();
    counts.reconciles += 1;
    try {
      const outcome = await reconcile(keyFromText(key), signal);
      queue.forget(key);
      if (outcome?.requeueAfter !== undefined) queue.addAfter(key, outcome.requeueAfter);
    } catch (error) {
      if (signal.aborted) return;
      // Someone else wrote in between: the next attempt sees what they wrote.
      if (isFailure(error, 'Conflict')) counts.conflicts += 1;
      else {
        counts.failures += 1;
        onError(error, controller.name, key);
      }
      queue.addWithBackoff(key);
    } finally {
      counts.milliseconds += clock.monotonic() - startedAt;
    }
  }
}

function startFree(
  controller: FreeController,
  context: ControllerContext,
  stack: DisposeStack,
  signal: AbortSignal,
): void {
  stack.use(controller.run(context, signal));
}

function isKindController(controller: AnyController): controller is Controller {
  return 'reconciler' in controller;
}

/** The object as it is and, after an update, as it was. */
function statesOf(event: InformerEvent): readonly InformerEvent['object'][] {
  return event.previous ? [event.object, event.previous] : [event.object];
}

function ownerKey(controller: Controller, object: KubeObject): ObjectKey | undefined {
  const owner = controllerOf(object);
  if (owner?.kind !== controller.kind.kind || groupOf(owner.apiVersion) !== controller.kind.group) return undefined;
  const namespace = controller.kind.scope === 'Namespaced' ? (object.metadata.namespace ?? '') : '';
  return { namespace, name: owner.name };
}

/** Names of objects have no slash, save some of RBAC, which are cluster-scoped or follow a namespace that has none. */
export function keyFromText(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0 ? { namespace: '', name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

interface RecordedInformers {
  readonly informers: Informers;
  readonly asked: ReadonlySet<Informer>;
}

/** Notes which informers a controller asks for, since those have to be synced before it may act. */
function recordingInformers(informers: Informers): RecordedInformers {
  const asked = new Set<Informer>();
  return {
    asked,
    informers: {
      of: (kind) => {
        const informer = informers.of(kind);
        asked.add(informer);
        return informer;
      },
      release: (kind) => informers.release(kind),
    },
  };
}
