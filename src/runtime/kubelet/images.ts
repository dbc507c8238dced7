/** Gets images to where containers can be made from them, as pull policies say. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import { formatDuration } from '../../types/duration.ts';
import type { Container, Pod, Secret } from '../../types/kinds/generated/core-v1.gen.ts';
import { EngineError, type ContainerEngine, type Credentials, type ImageInfo } from '../engine/container-engine.ts';
import { backOffLeft, nextBackOff, type BackOffEntry } from './back-off.ts';
import { credentialsFor, isImageName } from './image-credentials.ts';
import type { PodSources } from './pod-sources.ts';

/** Why there is no image. `reason` and message stand in the container's status. */
export class ImageError extends Error {
  constructor(
    readonly reason: 'ErrImagePull' | 'ImagePullBackOff' | 'ErrImageNeverPull' | 'InvalidImageName',
    message: string,
    /** When to try again. */
    readonly retryAfter: Milliseconds | undefined,
  ) {
    super(message);
  }
}

export type TellContainer = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

interface Failure extends BackOffEntry {
  readonly failedAt: Date;
  readonly message: string;
}

export class Images implements Disposable {
  readonly #engine: ContainerEngine;
  readonly #sources: PodSources;
  readonly #clock: Clock;
  readonly #disposal = new AbortController();
  readonly #pulls = new Map<string, Promise<void>>();
  readonly #looks = new Map<string, Promise<ImageInfo | undefined>>();
  /** By the image's id. */
  readonly #digests = new Map<string, string | undefined>();
  /** By pod and image. */
  readonly #failures = new Map<string, Failure>();

  constructor(parts: { readonly engine: ContainerEngine; readonly sources: PodSources; readonly clock: Clock }) {
    this.#engine = parts.engine;
    this.#sources = parts.sources;
    this.#clock = parts.clock;
  }

  /** @throws ImageError */
  async ensure(pod: Pod, container: Container, tell: TellContainer, signal: AbortSignal): Promise<ImageInfo> {
    const name = container.image ?? '';
    if (!isImageName(name)) {
      const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format`;
      tell('Warning', 'InspectFailed', message);
      throw new ImageError('InvalidImageName', message, undefined);
    }
    const policy = container.imagePullPolicy ?? 'IfNotPresent';
    const present = policy === 'Always' ? undefined : await this.#look(name);
    if (present) {
      tell('Normal', 'Pulled', `Container image "${name}" already present on machine`);
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${name}" is not present with pull policy of Never`;
      tell('Warning', 'ErrImageNeverPull', message);
      throw new ImageError('ErrImageNeverPull', message, undefined);
    }
    await this.#pull(pod, name, tell, signal);
    const pulled = await this.#look(name);
    if (pulled) return pulled;
    throw new ImageError('ErrImagePull', `image "${name}" was pulled and is gone again`, 0);
  }

  /** The repository digest that an image is known by, as of the last time that a container asked for the image. */
  async digestOf(id: string): Promise<string | undefined> {
    if (!this.#digests.has(id)) this.#digests.set(id, (await this.#look(id))?.digests[0]);
    return this.#digests.get(id);
  }

  /** Pods that ask at the same time share one look. */
  #look(name: string): Promise<ImageInfo | undefined> {
    const running = this.#looks.get(name);
    if (running) return running;
    const look = this.#engine
      .image(name)
      .then((image) => {
        if (image) this.#digests.set(image.id, image.digests[0]);
        return image;
      })
      .finally(() => this.#looks.delete(name));
    this.#looks.set(name, look);
    return look;
  }

  /** Ends the pulls that are under way. */
  [Symbol.dispose](): void {
    this.#disposal.abort();
  }

  /** Forgets what it remembers of a pod. */
  forget(uid: string): void {
    for (const key of this.#failures.keys()) if (key.startsWith(`${uid} `)) this.#failures.delete(key);
  }

  async #pull(pod: Pod, name: string, tell: TellContainer, signal: AbortSignal): Promise<void> {
    const key = `${pod.metadata.uid ?? ''} ${name}`;
    const failure = this.#failures.get(key);
    const left = failure ? backOffLeft(failure, failure.failedAt, this.#clock.now()) : 0;
    if (failure && left > 0) {
      tell('Normal', 'BackOff', `Back-off pulling image "${name}"`);
      throw new ImageError(
        'ImagePullBackOff',
        `Back-off pulling image "${name}": ErrImagePull: ${failure.message}`,
        left,
      );
    }
    tell('Normal', 'Pulling', `Pulling image "${name}"`);
    const begun = this.#clock.monotonic();
    try {
      await this.#pullOnce(name, await this.#credentials(pod, name), signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason === 'Unreachable') throw error;
      tell('Warning', 'Failed', `Failed to pull image "${name}": ${error.message}`);
      const now = this.#clock.now();
      const next = nextBackOff(failure, now, now);
      this.#failures.set(key, { ...next, failedAt: now, message: error.message });
      throw new ImageError('ErrImagePull', error.message, 1000);
    }
    this.#failures.delete(key);
    const took = formatDuration(Math.round(this.#clock.monotonic() - begun));
    const size = (await this.#engine.image(name))?.sizeBytes ?? 0;
    const message = `Successfully pulled image "${name}" in ${took} (${took} including waiting). Image size: ${size} bytes.`;
    tell('Normal', 'Pulled', message);
  }

  /** Pods that want the same image at the same time share one pull. The first one's end does not cancel the others'. */
  async #pullOnce(name: string, credentials: readonly Credentials[], signal: AbortSignal): Promise<void> {
    const key = JSON.stringify([name, credentials]);
    let running = this.#pulls.get(key);
    if (!running) {
      running = this.#tryAll(name, credentials, this.#disposal.signal).finally(() => this.#pulls.delete(key));
      running.catch(() => undefined);
      this.#pulls.set(key, running);
    }
    return unlessAborted(running, signal);
  }

  async #tryAll(name: string, credentials: readonly Credentials[], signal: AbortSignal): Promise<void> {
    let refusal: unknown;
    for (const candidate of credentials.length === 0 ? [undefined] : credentials) {
      try {
        return await this.#engine.pull(name, candidate, signal);
      } catch (error) {
        if (!(error instanceof EngineError) || error.reason !== 'Unauthorized') throw error;
        refusal = error;
      }
    }
    throw refusal;
  }

  async #credentials(pod: Pod, image: string): Promise<readonly Credentials[]> {
    const namespace = pod.metadata.namespace ?? '';
    const names = (pod.spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name ? [name] : []));
    const secrets = await Promise.all(names.map((name) => this.#sources.secret(namespace, name)));
    return credentialsFor(
      image,
      secrets.filter((secret): secret is Secret => secret !== undefined),
    );
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
