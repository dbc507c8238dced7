/** What a handler of a verb or subresource gets, and what it answers. */
import type { Clock } from '../../shared/clock.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import type { KubeObject, ObjectKey } from '../../types/meta.ts';
import type { Registry } from '../../types/registry.ts';
import type { Store } from '../storage/store.ts';
import type { AdmissionChain } from './admission/chain.ts';
import type { Roles } from './authorization.ts';
import type { Components } from './components.ts';
import type { ObjectReader } from './object-reader.ts';
import type { PodStreams } from './streams/pod-streams.ts';
import type { ApiRequest, WatchEvent } from './request.ts';
import type { ResourceInfo } from './request-info.ts';
import type { ResourceStorage, WriteContext } from './resource-storage.ts';
import type { UsageSource } from './usage/usage-source.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';
import type { WriteParameters } from './request-options.ts';

/** The parts of the server that requests are answered with. */
export interface ServerParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly roles: Roles;
  readonly admission: AdmissionChain;
  readonly reader: ObjectReader;
  readonly tokens: ServiceAccountTokens;
  /** Undefined where no kubelet is attached. */
  readonly podStreams: PodStreams | undefined;
  readonly usage: UsageSource | undefined;
  readonly components: Components;
  storage(kind: KindDefinition): ResourceStorage;
}

export interface RequestContext {
  readonly request: ApiRequest;
  readonly info: ResourceInfo;
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  readonly storage: ResourceStorage;
  readonly parts: ServerParts;
  /** Texts for Warning headers; handlers add to it. */
  readonly warnings: string[];
}

export type Answer =
  | { readonly type: 'object'; readonly status: number; readonly object: KubeObject }
  | { readonly type: 'watch'; readonly events: AsyncIterable<WatchEvent> }
  | { readonly type: 'bytes'; readonly contentType: string; readonly chunks: AsyncIterable<Uint8Array> };

export type Handler = (context: RequestContext) => Promise<Answer>;

export function objectAnswer(status: number, object: KubeObject): Answer {
  return { type: 'object', status, object };
}

export function writeContext(
  context: RequestContext,
  parameters: Pick<WriteParameters, 'dryRun' | 'fieldManager'>,
): WriteContext {
  return {
    user: context.request.user,
    dryRun: parameters.dryRun,
    fieldManager: parameters.fieldManager,
    subresource: context.info.subresource,
    warnings: context.warnings,
  };
}
