/** The files of a cluster below its data folder. */
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode } from '../shared/error-code.ts';
import { isRecord } from '../shared/deep.ts';
import type { ClusterNetwork } from './network/cluster-network.ts';

export class ClusterFiles {
  readonly store: string;
  readonly certificates: string;
  readonly pods: string;
  /** What claims keep. */
  readonly volumes: string;
  readonly kubeconfig: string;
  readonly #network: string;

  constructor(readonly folder: string) {
    this.store = join(folder, 'store');
    this.certificates = join(folder, 'pki');
    this.pods = join(folder, 'pods');
    this.volumes = join(folder, 'volumes');
    this.kubeconfig = join(folder, 'kubeconfig');
    this.#network = join(folder, 'network.json');
  }

  /** What a cluster that is deleted leaves nothing of. */
  get all(): readonly string[] {
    return [this.store, this.certificates, this.pods, this.volumes, this.kubeconfig, this.#network];
  }

  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await mkdir(this.pods, { recursive: true, mode: 0o700 });
  }

  /** The network that this cluster was given at its first start. */
  network(): Promise<ClusterNetwork | undefined> {
    return readNetwork(this.#network);
  }

  async saveNetwork(network: ClusterNetwork): Promise<void> {
    const draft = `${this.#network}.part`;
    await writeFile(draft, `${JSON.stringify(network, undefined, 2)}\n`, { mode: 0o600 });
    await rename(draft, this.#network);
  }

  async forgetNetwork(): Promise<void> {
    await rm(this.#network, { force: true });
  }

  /** Indices of the networks of the clusters whose folders lie beside this one, running or not. */
  async neighbours(): Promise<ReadonlySet<number>> {
    const parent = dirname(this.folder);
    const names = await readdir(parent);
    const networks = await Promise.all(names.map((name) => readNetwork(join(parent, name, 'network.json'))));
    return new Set(networks.flatMap((network) => (network ? [network.index] : [])));
  }
}

function isClusterNetwork(value: unknown): value is ClusterNetwork {
  const texts = [
    'podCidr',
    'serviceCidr',
    'gateway',
    'kubernetesIp',
    'dnsIp',
    'interfacePrefix',
    'networkTable',
    'serviceTable',
  ];
  return (
    isRecord(value) && typeof value['index'] === 'number' && texts.every((name) => typeof value[name] === 'string')
  );
}

async function readNetwork(file: string): Promise<ClusterNetwork | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
  const value: unknown = JSON.parse(text);
  if (!isClusterNetwork(value))
    throw new Error(`${file} does not describe a network; delete the cluster and start it anew`);
  return value;
}
