/** What all pods of a kubelet share. */
import type { Clock, Milliseconds } from '../../shared/clock.ts';
import type { KubeObject } from '../../types/meta.ts';
import type { Container, ObjectReference, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ApiClient } from '../client/api-client.ts';
import type { ContainerEngine, EngineError, Labels } from '../engine/container-engine.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { Machine } from './container-spec.ts';
import type { TellContainer, Images } from './images.ts';
import { listOfRole, type ContainerRole } from './pod-containers.ts';
import type { PodFolders } from './pod-folders.ts';
import type { PodSources } from './pod-sources.ts';
import type { DnsSettings } from './resolver-config.ts';
import type { StartGate } from './start-gate.ts';

/** Tells when the data plane has stopped sending new connections to an address. */
export interface PodDrain {
  /** Resolves at the latest after `timeout`. */
  whenUnrouted(podIp: string, timeout: Milliseconds, signal: AbortSignal): Promise<void>;
}

export type RecordPodEvent = (
  about: KubeObject | ObjectReference,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => void;

export interface KubeletContext {
  /** The labels by which the cluster knows its containers. */
  readonly own: Labels;
  readonly nodeName: string;
  readonly client: ApiClient;
  readonly engine: ContainerEngine;
  readonly network: PodNetwork;
  readonly clock: Clock;
  readonly record: RecordPodEvent;
  readonly drain: PodDrain;
  readonly images: Images;
  readonly sources: PodSources;
  readonly folders: PodFolders;
  readonly gate: StartGate;
  readonly dns: DnsSettings;
  readonly machine: Machine;
  readonly pauseImage: string;
  /** Of the node, in the API's quantities. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** Folder of Localhost seccomp profiles. */
  readonly seccompFolder: string;
  /** A probe of `Startup`, `Readiness` or `Liveness` has answered. */
  probed(pod: Pod, container: Container, type: string, ok: boolean): void;
  /** A call to the engine failed: it may be down. */
  onEngineTrouble(error: EngineError): void;
  /** For failures that no pod's status can tell. */
  onError(error: unknown): void;
}

export function podReference(pod: Pod, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    namespace,
    name,
    uid,
    resourceVersion,
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

/** Records events about one container of a pod. */
export function tellOf(context: KubeletContext, pod: Pod, container: Container, role: ContainerRole): TellContainer {
  const about = podReference(pod, `spec.${listOfRole(role)}{${container.name}}`);
  return (type, reason, message) => context.record(about, type, reason, message);
}
