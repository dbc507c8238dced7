/** What the members of this family have in common. */
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import type { Pod, Volume } from '../../../types/kinds/generated/core-v1.gen.ts';
import type { PodPlace } from '../pod-fields.ts';
import type { PodSources, ServiceAccountToken } from '../pod-sources.ts';

/** Why a volume cannot be made now; the text stands in the FailedMount event. */
export class VolumeError extends Error {}

/** One whose text says all: which volume, and what was being done to it. */
export class MountFailure extends VolumeError {}

export interface VolumeContext {
  readonly pod: Pod;
  /** The volume's own folder, which may not exist yet. */
  readonly folder: string;
  /** The same in memory, for what must not reach a disk. */
  readonly memoryFolder: string;
  readonly sources: PodSources;
  readonly nodeName: string;
  readonly clock: Clock;
  /** Tokens made so far, by the path of their file. */
  readonly tokens: Map<string, ServiceAccountToken>;
  /** Waits for the pod's address only if `needsAddress`. */
  place(needsAddress: boolean): Promise<PodPlace>;
}

export interface ReadyVolume {
  /** What is mounted into the containers. */
  readonly path: string;
  /** When to set it up again though nothing has changed. */
  readonly renewAfter?: Milliseconds;
}

export interface VolumeType {
  /** The field of a volume that asks for this type. */
  readonly field: keyof Volume;
  /** True when its content follows objects of the API. */
  readonly live: boolean;
  /**
   * Makes the volume, or brings an existing one up to date.
   *
   * @throws VolumeError when something is missing
   */
  setUp(volume: Volume, context: VolumeContext): Promise<ReadyVolume>;
  /** What has to be undone before the pod's folders can be removed. */
  tearDown?(volume: Volume, context: Pick<VolumeContext, 'folder' | 'memoryFolder'>): Promise<void>;
}

export interface PayloadFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** The user that it is to belong to, where this process may give it away; then only they read it, and the group of the volume. */
  readonly owner?: number;
}
/** Relative path -> file. */
export type Payload = ReadonlyMap<string, PayloadFile>;
