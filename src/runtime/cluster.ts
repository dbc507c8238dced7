/** The composition root: the one file that knows every part. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import type { Clock } from '../shared/clock.ts';
import { DisposeStack } from '../shared/dispose.ts';
import { silentLogger } from '../shared/logger.ts';
import type { Logger } from '../shared/logger.ts';
import { builtInKinds } from '../types/kinds/index.ts';
import { Pod } from '../types/kinds/core/pod.ts';
import { Registry } from '../types/registry.ts';
import { createApiServer, PROXY_CLIENT } from './apiserver/api-server.ts';
import type { ApiServer } from './apiserver/api-server.ts';
import { openCertificates } from './apiserver/certificates.ts';
import type { Certificates } from './apiserver/certificates.ts';
import { RbacIndex, rbacFeed } from './apiserver/rbac-index.ts';
import type { UserInfo } from './apiserver/request.ts';
import { KUBERNETES_VERSION } from './apiserver/version.ts';
import { bootstrap } from './bootstrap.ts';
import type { ApiClient } from './client/api-client.ts';
import { EventRecorder } from './client/event-recorder.ts';
import { makeClient } from './client/in-process.ts';
import { InformerSet } from './client/informer.ts';
import { removeContainers, stopContainers } from './cluster-containers.ts';
import { ClusterFiles } from './cluster-files.ts';
import { builtInControllers } from './controllers/index.ts';
import { ControllerManager } from './controllers/framework/manager.ts';
import { controllerUser, managerUser } from './controllers/identity.ts';
import { makeDefaultStorageClass } from './default-storage.ts';
import { DnsServer } from './dns/dns-server.ts';
import { ResolvConf } from './dns/resolv-conf.ts';
import { EngineError } from './engine/container-engine.ts';
import { dockerSocketPath } from './engine/docker/docker-address.ts';
import { DockerEngine } from './engine/docker/docker-engine.ts';
import { users } from './component-users.ts';
import { mergeKubeconfig } from './kubeconfig.ts';
import { Kubelet, removePodFolders } from './kubelet/kubelet.ts';
import { LatePodStreams } from './late-pod-streams.ts';
import { LateUsage } from './late-usage.ts';
import { claimClusterNetwork } from './network/cluster-network.ts';
import type { ClusterNetwork } from './network/cluster-network.ts';
import { RoutedNetwork, removeRoutedNetwork } from './network/routed-network.ts';
import { ServiceProxy } from './proxy/proxy.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { serviceSource } from './service-copy.ts';
import { autoCompaction } from './storage/auto-compaction.ts';
import { isEtcdAddress } from './storage/etcd-address.ts';
import { openEtcdStore, removeEtcdStore } from './storage/etcd-store.ts';
import { openLmdbStore } from './storage/lmdb-store.ts';
import { createMemoryStore } from './storage/memory-store.ts';
import type { Store } from './storage/store.ts';
import { writeSystemObjects } from './system-objects.ts';
import { volumeFoldersIn } from './volume-folders.ts';

export interface ClusterOptions {
  /** Default `kubewright`. Names the node, and labels every container. */
  readonly name?: string;
  /** Where the state is kept. Without one the cluster is for once: a temporary folder, and disposing it deletes everything. */
  readonly dataDir?: string;
  /** Port of the API server on 127.0.0.1; 0, the default, takes any free one. */
  readonly port?: number;
  /** `lmdb`, `etcd://HOST:PORT` (see storage/etcd-address.ts), or `memory` for a cluster that forgets. */
  readonly store?: string;
  /** Lets NodePorts answer on all addresses of the machine. */
  readonly expose?: boolean;
  readonly logger?: Logger;
  readonly clock?: Clock;
}

export interface Cluster extends AsyncDisposable {
  readonly name: string;
  readonly nodeName: string;
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  readonly port: number;
  /** A kubeconfig of its own, with an administrator's certificate. */
  readonly kubeconfigFile: string;
  /** Acts as an administrator, without going over the network. */
  readonly client: ApiClient;
  /** Stops the cluster; its state stays. Containers get 10 s to end, unless they are left running for whoever comes next. */
  stop(options?: { readonly leaveContainers?: boolean }): Promise<void>;
}

const clusterDomain = 'cluster.local';

function isEphemeral(options: ClusterOptions): boolean {
  return options.dataDir === undefined;
}

function openStore(name: string, options: ClusterOptions, files: ClusterFiles, clock: Clock): Promise<Store> {
  const kind = options.store ?? (isEphemeral(options) ? 'memory' : 'lmdb');
  if (kind === 'memory') return Promise.resolve(createMemoryStore({ clock }));
  if (kind === 'lmdb') return openLmdbStore({ directory: files.store, clock });
  if (isEtcdAddress(kind)) return openEtcdStore({ address: kind, name, directory: files.store, clock });
  throw new Error(`there is no store called ${kind}; use lmdb, etcd://HOST:PORT or memory`);
}

/** Claims a network for a cluster that starts for the first time; `forget` gives it back when that start fails. */
async function networkOf(files: ClusterFiles, forget: DisposeStack): Promise<ClusterNetwork> {
  const known = await files.network();
  if (known) return known;
  const claimed = await claimClusterNetwork(await files.neighbours());
  forget.defer(async () => {
    await removeRoutedNetwork(claimed);
    await files.forgetNetwork();
  });
  await files.saveNetwork(claimed);
  return claimed;
}

/** All that the parts above the API server are made of. */
interface Ground {
  readonly name: string;
  readonly options: ClusterOptions;
  readonly files: ClusterFiles;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly network: ClusterNetwork;
  readonly engine: DockerEngine;
  readonly registry: Registry;
  readonly server: ApiServer;
  readonly streams: LatePodStreams;
  readonly usage: LateUsage;
  readonly certificates: Certificates;
  readonly undo: DisposeStack;
}

/**
 * Starts a cluster and resolves once its API answers, its node is registered and its network is up.
 * @throws Error that says what is missing (root, Docker, nftables) or in use (the folder, the port)
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const undo = new DisposeStack();
  const forget = new DisposeStack();
  try {
    return await compose(options, undo, forget);
  } catch (error) {
    await undo[Symbol.asyncDispose]();
    await forget[Symbol.asyncDispose]();
    throw error;
  }
}

async function compose(options: ClusterOptions, undo: DisposeStack, forget: DisposeStack): Promise<Cluster> {
  const name = options.name ?? 'kubewright';
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const { signal } = new AbortController();
  const folder =
    options.dataDir === undefined ? await mkdtemp(join(tmpdir(), 'kubewright-cluster-')) : resolve(options.dataDir);
  if (isEphemeral(options)) forget.defer(() => rm(folder, { recursive: true, force: true }));
  const files = new ClusterFiles(folder);
  await files.create();
  const engine = undo.use(new DockerEngine({ socketPath: dockerSocketPath(process.env), clock }));
  // The store locks the folder, so it comes before anything that changes the machine.
  const store = undo.use(await openStore(name, options, files, clock));
  // A first start says at once what is missing; a cluster that has run before starts, and its node waits for the engine.
  if ((await files.network()) === undefined) await engine.info(signal);
  const network = await networkOf(files, forget);
  const certificates = await openCertificates({
    directory: files.certificates,
    serverNames: serverNames(network, name),
    clock,
  });
  const registry = new Registry(builtInKinds);
  const roles = new RbacIndex();
  const failed = (error: unknown): void => logger.named('storage').error('following the store failed', error);
  undo.use(await autoCompaction(store, clock, failed).start(signal));
  const streams = new LatePodStreams();
  const usage = new LateUsage();
  const server = await createApiServer({
    store,
    registry,
    clock,
    roles,
    certificates,
    serviceNetwork: { cidr: network.serviceCidr, nodePorts: { from: 30_000, to: 32_767 } },
    podStreams: streams,
    usage,
    onFailure: (error, request) => logger.named('apiserver').error(`${request.method} ${request.path} failed`, error),
  });
  await bootstrap(server.dispatch, signal, network.serviceCidr);
  // After the default roles are there: the parts that start next are already allowed what they do.
  undo.use(await rbacFeed(store, roles, failed).start(signal));
  const ground: Ground = {
    name,
    options,
    files,
    clock,
    logger,
    network,
    engine,
    registry,
    server,
    streams,
    usage,
    certificates,
    undo,
  };
  // The key for tokens takes a moment to make, and the first pod would wait for it.
  const [port] = await Promise.all([startParts(ground, signal), certificates.tokens()]);
  return clusterOf(ground, port);
}

function serverNames(network: ClusterNetwork, node: string): readonly string[] {
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
  ];
  return ['localhost', '127.0.0.1', network.gateway, network.kubernetesIp, node, ...service];
}

async function startParts(ground: Ground, signal: AbortSignal): Promise<number> {
  const { name, options, files, clock, logger, network, engine, registry, server, streams, usage, certificates, undo } =
    ground;
  const client = (user: UserInfo, userAgent: string): ApiClient => makeClient(server.dispatch, user, { userAgent });
  const admin = client(users.admin, 'kubewright');
  const warn = (component: string) => (message: string, error?: unknown) =>
    logger.named(component).warn(message, error);
  const onError = (component: string) => (error: unknown, what?: string) =>
    logger.named(component).error(what ?? 'failed', error);

  // Addresses on the machine come first: the server listens on one of them.
  const podNetwork = new RoutedNetwork({ network, clock, warn: warn('network') });
  undo.use(await podNetwork.start(signal));
  const listening = undo.use(
    await server.listen([
      { host: '127.0.0.1', port: options.port ?? 0 },
      { host: network.gateway, port: 0 },
    ]),
  );
  const [local, inside] = listening.addresses;
  const { port } = local ?? { port: 0 };
  const administrator = await certificates.client(users.admin.username, users.admin.groups);
  await mergeKubeconfig(files.kubeconfig, {
    name,
    server: `https://127.0.0.1:${port}`,
    authority: certificates.authority,
    clientCertificate: administrator.certificate,
    clientKey: administrator.key,
  });

  const informers = undo.use(
    new InformerSet(client(managerUser, 'kube-controller-manager'), {
      clock,
      onError: (error, kind) => logger.named('informers').warn(`watching ${kind.plural} failed`, error),
    }),
  );
  const source = serviceSource(informers);
  const dns = new DnsServer({
    source,
    network,
    domain: clusterDomain,
    podExists: (namespace, ip) =>
      informers
        .of(Pod)
        .list(namespace)
        .some((pod) => pod.status?.podIP === ip),
    upstreams: () => resolvConf.servers(),
    clock,
    warn: warn('dns'),
  });
  const resolvConf = new ResolvConf(new Set([network.gateway, network.dnsIp]));
  const proxy = new ServiceProxy({
    source,
    pods: informers.of(Pod),
    network,
    nodeName: name,
    expose: options.expose ?? false,
    clock,
    warn: warn('proxy'),
  });
  undo.use(await dns.start(signal));
  const trust = { authority: certificates.authority, proxyClient: PROXY_CLIENT };
  await writeSystemObjects(admin, network, { apiServer: inside?.port ?? 0, dns: dns.port }, trust);
  await makeDefaultStorageClass(admin);

  const volumeFolders = volumeFoldersIn(files.volumes);
  const manager = new ControllerManager({
    controllers: builtInControllers({
      rootCa: certificates.authority,
      volumeFolders,
      certificateSigner: certificates.signer,
    }),
    clientFor: (controller) => client(controllerUser(controller), controller),
    informers,
    registry,
    clock,
    onError: (error, controller, what) => logger.named(controller).warn(what, error),
  });
  const scheduler = new Scheduler({
    client: client(users.scheduler, 'kube-scheduler'),
    informers,
    clock,
    onError: onError('scheduler'),
  });
  const nodeClient = client(users.node(name), 'kubelet');
  const recorder = undo.use(
    new EventRecorder({ client: nodeClient, clock, component: 'kubelet', host: name, onError: onError('kubelet') }),
  );
  const kubelet = new Kubelet(
    {
      client: nodeClient,
      informers,
      engine,
      network: podNetwork,
      drain: proxy,
      clock,
      record: recorder.record,
      onError: onError('kubelet'),
    },
    {
      cluster: name,
      nodeName: name,
      dataFolder: files.folder,
      clusterDomain,
      clusterDns: network.dnsIp,
      kubeletVersion: KUBERNETES_VERSION,
    },
  );
  streams.use(kubelet.streams);
  usage.use(kubelet.usage);
  await Promise.all([source.synced, informers.of(Pod).synced]);
  const parts = [proxy, kubelet, scheduler, manager, server.aggregation];
  for (const started of await Promise.allSettled(parts.map((part) => part.start(signal)))) {
    if (started.status === 'rejected') throw started.reason;
    undo.use(started.value);
  }
  undo.use(server.components.up('scheduler'));
  undo.use(server.components.up('controller-manager'));
  return port;
}

function clusterOf(ground: Ground, port: number): Cluster {
  const { name, options, files, network, server, logger, undo } = ground;
  let stopping: Promise<void> | undefined;
  const stop: Cluster['stop'] = ({ leaveContainers = false } = {}) =>
    (stopping ??= (async () => {
      await undo[Symbol.asyncDispose]();
      if (leaveContainers) return;
      // Only now that nothing would start them again; the cluster's own connection to the engine is gone with the rest.
      await using engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
      await stopContainers(engine, { name, dataDir: files.folder }).catch((error: unknown) => {
        // A Docker that is down runs nothing that could be stopped; the cluster stops all the same.
        if (!(error instanceof EngineError) || error.reason !== 'Unreachable') throw error;
        logger.warn('the containers were not stopped', error);
      });
      await removeRoutedNetwork(network);
    })());
  return {
    name,
    nodeName: name,
    server: `https://127.0.0.1:${port}`,
    port,
    kubeconfigFile: files.kubeconfig,
    client: makeClient(server.dispatch, users.admin, { userAgent: 'kubewright' }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop({ leaveContainers: isEphemeral(options) });
      if (isEphemeral(options)) {
        await removeCluster({ name, dataDir: files.folder });
        await rm(files.folder, { recursive: true, force: true });
        await removeRemoteState(name, options.store);
      }
    },
  };
}

/**
 * Removes what a cluster that does not run has outside this machine: its keys in an etcd.
 * @throws StoreUnavailable that says which keys are left
 */
export async function removeRemoteState(name: string, store: string | undefined): Promise<void> {
  if (store !== undefined && isEtcdAddress(store)) await removeEtcdStore(store, name, systemClock);
}

/** Removes what is left of a cluster that does not run: containers, network, pod folders, files. False when there was nothing. */
export async function removeCluster({
  name,
  dataDir,
}: {
  readonly name: string;
  readonly dataDir: string;
}): Promise<boolean> {
  const files = new ClusterFiles(resolve(dataDir));
  const entries = await readdir(files.folder).catch(() => []);
  const network = await files.network();
  await using engine = new DockerEngine({ socketPath: dockerSocketPath(process.env), clock: systemClock });
  const found = await removeContainers(engine, { name, dataDir: files.folder });
  if (network) await removeRoutedNetwork(network);
  await removePodFolders(files.folder);
  await Promise.all(files.all.map((path) => rm(path, { recursive: true, force: true })));
  return found || network !== undefined || entries.length > 0;
}
