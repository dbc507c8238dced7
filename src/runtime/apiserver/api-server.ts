/** Puts the API server together. */
import type { Clock } from '../../shared/clock.ts';
import type { Component } from '../../shared/component.ts';
import type { KindDefinition } from '../../types/define-kind.ts';
import { NodeMetrics, PodMetrics } from '../../types/metrics-kinds.ts';
import type { Registry } from '../../types/registry.ts';
import { storeReader } from './object-reader.ts';
import type { Store } from '../storage/store.ts';
import { AdmissionChain } from './admission/chain.ts';
import { admissionPlugins, steeringKinds } from './admission/plugins/index.ts';
import { ConfigurationIndex } from './admission/policies/configuration-index.ts';
import type { ServiceNetwork } from './admission/plugins/service-addresses.ts';
import type { Roles } from './authorization.ts';
import { Aggregation } from './aggregation/aggregation.ts';
import type { Certificates } from './certificates.ts';
import { Components } from './components.ts';
import { CustomResources } from './custom-resources/custom-resources.ts';
import { FlowControl } from './flow-control/flow-control.ts';
import { HealthChecks } from './health.ts';
import { Metrics } from './metrics.ts';
import { Pipeline } from './pipeline.ts';
import type { OnFailure } from './pipeline.ts';
import type { PodStreams } from './streams/pod-streams.ts';
import type { ApiRequest, Dispatch } from './request.ts';
import type { ServerParts } from './request-context.ts';
import { ResourceStorage } from './resource-storage.ts';
import { openListeners } from './server.ts';
import type { ListenAddress, Listening } from './server.ts';
import type { UsageSource } from './usage/usage-source.ts';
import { createServiceAccountTokens } from './service-account-tokens.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly registry: Registry;
  readonly clock: Clock;
  /** Decides who may do what; see rbac-index.ts. */
  readonly roles: Roles;
  readonly certificates: Certificates;
  /** Where Services get their addresses and node ports from. */
  readonly serviceNetwork: ServiceNetwork;
  /** The kubelet's side of logs and exec; without it these answer 503. */
  readonly podStreams?: PodStreams;
  /** Who measures pods and nodes; without it there is no metrics.k8s.io. */
  readonly usage?: UsageSource;
  /** Issuer of service account tokens. Default `https://kubernetes.default.svc.cluster.local`. */
  readonly issuer?: string;
  /** Told of failures that are not the client's fault; their clients get a 500. */
  readonly onFailure: OnFailure;
}

export interface ApiServer {
  /** For clients in the same process; the request says who its user is. */
  readonly dispatch: Dispatch;
  readonly tokens: ServiceAccountTokens;
  /** What /livez and /readyz tell; parts of the cluster add their own. */
  readonly health: HealthChecks;
  /** What componentstatuses tell of. */
  readonly components: Components;
  /** Registers what is served, and asks after the servers of others. */
  readonly aggregation: Component;
  /** Opens one HTTPS listener per address. Port 0 takes a free one. */
  listen(addresses: readonly ListenAddress[]): Promise<Listening>;
}

/** What the server does of its own account, as a request to blame. */
const cleaning: ApiRequest = {
  method: 'DELETE',
  path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  query: new URLSearchParams(),
  user: { username: 'system:apiserver', groups: [] },
  userAgent: 'kube-apiserver',
  contentType: '',
  body: undefined,
  signal: new AbortController().signal,
};

/** Name of the certificate by which servers of other groups know this one. */
export const PROXY_CLIENT = 'front-proxy-client';
const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, registry, clock, roles, certificates } = options;
  if (options.usage) registry.change([], [PodMetrics, NodeMetrics]);
  const reader = storeReader(store);
  const tokens = createServiceAccountTokens({
    keys: () => certificates.tokens(),
    issuer: options.issuer ?? ISSUER,
    reader,
    clock,
  });
  const configuration = new ConfigurationIndex(steeringKinds);
  await configuration.load(store);
  const flowControl = new FlowControl();
  await flowControl.load(store);
  const admission = new AdmissionChain(
    admissionPlugins({
      serviceNetwork: options.serviceNetwork,
      roles,
      registry,
      configuration,
      storage: (kind) => storage(kind),
      certificates: options.certificates.signer,
    }),
  );
  // Weakly: a custom resource gets another definition with every change of its schema.
  const storages = new WeakMap<KindDefinition, ResourceStorage>();
  const storage = (kind: KindDefinition): ResourceStorage => {
    const known = storages.get(kind);
    if (known) return known;
    const made = new ResourceStorage(kind, {
      store,
      registry,
      clock,
      admission,
      reader,
      onStored(written, object, gone) {
        customResources.onStored(written, object, gone);
        configuration.onStored(written, object, gone);
        flowControl.onStored(written, object, gone);
        aggregation.onStored(written, object, gone);
      },
    });
    storages.set(kind, made);
    return made;
  };
  const customResources = new CustomResources({
    store,
    registry,
    storage,
    onFailure: (error) => options.onFailure(error, cleaning),
  });
  await customResources.load();
  const aggregation = new Aggregation({
    registry,
    clock,
    reader,
    proxyClient: await certificates.client(PROXY_CLIENT, []),
    storage,
    onFailure: (error) => options.onFailure(error, cleaning),
  });
  await aggregation.load();
  const parts: ServerParts = {
    store,
    registry,
    clock,
    roles,
    admission,
    reader,
    tokens,
    podStreams: options.podStreams,
    usage: options.usage,
    components: new Components(store),
    storage,
  };
  const pipeline = new Pipeline(parts, options.onFailure);
  const health = new HealthChecks();
  const metrics = new Metrics(clock);
  return {
    dispatch: pipeline.dispatch,
    tokens,
    health,
    components: parts.components,
    listen: (addresses) =>
      openListeners(addresses, {
        pipeline,
        parts,
        certificates,
        health,
        metrics,
        flowControl,
        aggregation,
        onFailure: options.onFailure,
      }),
    aggregation: aggregation.component(),
  };
}
