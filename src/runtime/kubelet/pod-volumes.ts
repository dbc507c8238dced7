/** The volumes of one pod: made before its containers, kept up to date beside them, taken down after them. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { Pod, Volume } from '../../types/kinds/generated/core-v1.gen.ts';
import { ContainerConfigError } from './pod-fields.ts';
import type { PodFolders } from './pod-folders.ts';
import type { PodSources, ServiceAccountToken } from './pod-sources.ts';
import { volumeTypeOf } from './volumes/index.ts';
import { MountFailure, VolumeError, type VolumeContext } from './volumes/volume-type.ts';

export interface VolumeParts {
  readonly folders: PodFolders;
  readonly sources: PodSources;
  readonly clock: Clock;
  readonly nodeName: string;
}

export interface ReadyVolumes {
  /** By volume name. */
  readonly paths: ReadonlyMap<string, string>;
  readonly renewAfter: Milliseconds | undefined;
}

export class PodVolumes {
  readonly #parts: VolumeParts;
  readonly #tokens = new Map<string, ServiceAccountToken>();

  constructor(parts: VolumeParts) {
    this.#parts = parts;
  }

  /** @throws VolumeError */
  async setUp(pod: Pod, place: VolumeContext['place']): Promise<ReadyVolumes> {
    const made = await Promise.all((pod.spec?.volumes ?? []).map((volume) => this.#setUpOne(pod, volume, place)));
    return readyVolumes(made);
  }

  /** Brings those that follow the API up to date. */
  async refresh(pod: Pod, place: VolumeContext['place']): Promise<Milliseconds | undefined> {
    const live = (pod.spec?.volumes ?? []).filter((volume) => volumeTypeOf(volume).live);
    const made = await Promise.all(live.map((volume) => this.#setUpOne(pod, volume, place)));
    return readyVolumes(made).renewAfter;
  }

  async tearDown(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    for (const volume of pod.spec?.volumes ?? []) {
      const type = volumeTypeNamed(volume);
      const folder = this.#parts.folders.volume(uid, type?.field ?? '', volume.name);
      const memoryFolder = this.#parts.folders.memoryVolume(uid, type?.field ?? '', volume.name);
      await type?.tearDown?.(volume, { folder, memoryFolder });
    }
    await this.#parts.folders.remove(uid);
  }

  async #setUpOne(
    pod: Pod,
    volume: Volume,
    place: VolumeContext['place'],
  ): Promise<{ readonly name: string; readonly path: string; readonly renewAfter?: Milliseconds }> {
    const { folders, sources, clock, nodeName } = this.#parts;
    const uid = pod.metadata.uid ?? '';
    try {
      const type = volumeTypeOf(volume);
      const folder = folders.volume(uid, type.field, volume.name);
      const memoryFolder = folders.memoryVolume(uid, type.field, volume.name);
      const context = { pod, folder, memoryFolder, sources, nodeName, clock, tokens: this.#tokens, place };
      return { name: volume.name, ...(await type.setUp(volume, context)) };
    } catch (error) {
      if (!(error instanceof Error) || error instanceof MountFailure) throw error;
      const known = error instanceof VolumeError || error instanceof ContainerConfigError;
      const text = known ? error.message : `${error.name}: ${error.message}`;
      throw new VolumeError(`MountVolume.SetUp failed for volume "${volume.name}" : ${text}`, { cause: error });
    }
  }
}

function volumeTypeNamed(volume: Volume): ReturnType<typeof volumeTypeOf> | undefined {
  try {
    return volumeTypeOf(volume);
  } catch (error) {
    if (error instanceof VolumeError) return undefined;
    throw error;
  }
}

function readyVolumes(
  made: readonly { readonly name: string; readonly path: string; readonly renewAfter?: Milliseconds }[],
): ReadyVolumes {
  const renewals = made.flatMap(({ renewAfter }) => (renewAfter === undefined ? [] : [renewAfter]));
  return {
    paths: new Map(made.map(({ name, path }) => [name, path])),
    renewAfter: renewals.length === 0 ? undefined : Math.min(...renewals),
  };
}
