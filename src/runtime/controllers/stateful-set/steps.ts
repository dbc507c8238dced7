/** Carries out what is planned about a set's pods and claims, and tells of it in upstream's words. */
import type { StatefulSet } from '../../../types/kinds/apps/stateful-set.ts';
import { PersistentVolumeClaim } from '../../../types/kinds/core/persistent-volume-claim.ts';
import { Pod } from '../../../types/kinds/core/pod.ts';
import { keyOf } from '../../../types/meta.ts';
import type { KubeObject, Persisted } from '../../../types/meta.ts';
import { isFailure } from '../../client/answers.ts';
import type { ControllerContext } from '../framework/controller.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';
import { slowStart } from '../framework/slow-start.ts';
import type { StatefulSetAction, Step } from './plan.ts';

/** Told of what did not come about although it was planned. */
export interface StepObserver {
  notCreated(): void;
  notDeleted(pod: Persisted<Pod>): void;
}

export class StepRunner {
  readonly #context: ControllerContext;
  readonly #set: Persisted<StatefulSet>;
  readonly #observer: StepObserver;

  constructor(context: ControllerContext, set: Persisted<StatefulSet>, observer: StepObserver) {
    this.#context = context;
    this.#set = set;
    this.#observer = observer;
  }

  /** Phase by phase; within one at once or one by one. Ends with the phase in which something failed, and returns the error. */
  async run(phases: readonly (readonly Step[])[], atOnce: boolean): Promise<unknown> {
    let failure: unknown;
    for (const steps of phases) {
      if (failure !== undefined) this.#skip(steps);
      else failure = atOnce ? await this.#runAtOnce(steps) : await this.#runInOrder(steps);
    }
    return failure;
  }

  async #runInOrder(steps: readonly Step[]): Promise<unknown> {
    for (const [i, step] of steps.entries()) {
      try {
        await this.#runStep(step);
      } catch (error) {
        this.#skip(steps.slice(i + 1));
        return error;
      }
    }
    return undefined;
  }

  async #runAtOnce(steps: readonly Step[]): Promise<unknown> {
    const { started, failure } = await slowStart(steps.length, (i) => this.#runStep(steps[i] ?? []));
    this.#skip(steps.slice(started));
    return failure;
  }

  async #runStep(step: Step): Promise<void> {
    for (const [i, action] of step.entries()) {
      try {
        await this.#act(action);
      } catch (error) {
        this.#skip([step.slice(i)]);
        throw error;
      }
    }
  }

  #skip(steps: readonly Step[]): void {
    for (const action of steps.flat()) {
      if (action.type === 'createPod') this.#observer.notCreated();
      if (action.type === 'deletePod') this.#observer.notDeleted(action.pod);
    }
  }

  async #act(action: StatefulSetAction): Promise<void> {
    const pods = this.#context.client.of(Pod);
    switch (action.type) {
      case 'createPod':
        return this.#tellingOfPod('create', action.pod, () => pods.create(action.pod));
      case 'updatePod':
        return this.#tellingOfPod('update', action.pod, () => pods.update(action.pod));
      case 'deletePod':
        return this.#delete(action.pod);
      case 'createClaim':
        return this.#createClaim(action.pod, action.claim);
      case 'updateClaim':
        await this.#context.client.of(PersistentVolumeClaim).update(action.claim);
        return;
      case 'warnOfController':
        return this.#warnOfController(action.claim);
      case 'failCreation':
        return this.#tellingOfPod('create', action.pod, () => Promise.reject(new Error(action.message)));
    }
  }

  async #delete(pod: Persisted<Pod>): Promise<void> {
    const preconditions = { uid: pod.metadata.uid };
    let gone = false;
    await this.#tellingOfPod('delete', pod, async () => {
      try {
        gone = (await this.#context.client.of(Pod).delete(keyOf(pod), { preconditions })) === undefined;
      } catch (error) {
        // Another pod has taken its place: the one that was meant is gone.
        if (!isFailure(error, 'Conflict')) throw error;
        gone = true;
      }
    });
    if (gone) this.#observer.notDeleted(pod);
  }

  async #createClaim(pod: Pod, claim: PersistentVolumeClaim): Promise<void> {
    const { event, client } = this.#context;
    const [about, of] = [`Claim ${claim.metadata.name} `, ` in StatefulSet ${this.#set.metadata.name} `];
    try {
      await client.of(PersistentVolumeClaim).create(claim);
      event(this.#set, 'Normal', 'SuccessfulCreate', `create ${about}Pod ${pod.metadata.name}${of}success`);
    } catch (error) {
      // The local copy lags behind.
      if (isFailure(error, 'AlreadyExists')) return;
      if (isNamespaceTerminating(error)) throw error;
      const text = `create ${about}for Pod ${pod.metadata.name}${of}failed error: ${messageOf(error)}`;
      event(this.#set, 'Warning', 'FailedCreate', text);
      this.#tellOfPod('create', pod, new Error(`failed to create PVC ${claim.metadata.name}: ${messageOf(error)}`));
      throw error;
    }
  }

  #warnOfController(claim: string): void {
    const text = `PersistentVolumeClaim ${claim} has a conflicting OwnerReference that acts as a managing controller, the retention policy is ignored for this claim`;
    this.#context.event(this.#set, 'Warning', 'ConflictingController', text);
  }

  async #tellingOfPod(verb: Verb, pod: KubeObject, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
      this.#tellOfPod(verb, pod, undefined);
    } catch (error) {
      // Another pod has the name, or the local copy lags behind; nothing is worth telling of in a namespace that goes away.
      if (!isFailure(error, 'AlreadyExists') && !isNamespaceTerminating(error)) this.#tellOfPod(verb, pod, error);
      throw error;
    }
  }

  #tellOfPod(verb: Verb, pod: KubeObject, error: unknown): void {
    const subject = `${verb} Pod ${pod.metadata.name} in StatefulSet ${this.#set.metadata.name}`;
    const title = titles[verb];
    if (error === undefined) this.#context.event(this.#set, 'Normal', `Successful${title}`, `${subject} successful`);
    else this.#context.event(this.#set, 'Warning', `Failed${title}`, `${subject} failed error: ${messageOf(error)}`);
  }
}

type Verb = 'create' | 'update' | 'delete';
const titles = { create: 'Create', update: 'Update', delete: 'Delete' } as const;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
