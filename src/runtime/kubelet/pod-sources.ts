/** The API objects that containers are made from, read fresh, so that a copy that lags behind never starts a container. */
import { isRecord } from '../../shared/deep.ts';
import type { KubeObject } from '../../types/meta.ts';
import { ConfigMap } from '../../types/kinds/core/config-map.ts';
import { Node } from '../../types/kinds/core/node.ts';
import { PersistentVolumeClaim } from '../../types/kinds/core/persistent-volume-claim.ts';
import { PersistentVolume } from '../../types/kinds/core/persistent-volume.ts';
import { Secret } from '../../types/kinds/core/secret.ts';
import { ServiceAccount } from '../../types/kinds/core/service-account.ts';
import { Service } from '../../types/kinds/core/service.ts';
import type { Container, Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import type { ApiClient } from '../client/api-client.ts';
import { containersOf } from './pod-containers.ts';

export interface ServiceAccountToken {
  readonly token: string;
  readonly expires: Date;
}

export class PodSources {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined> {
    return this.#client.of(ConfigMap).get({ namespace, name });
  }

  secret(namespace: string, name: string): Promise<Secret | undefined> {
    return this.#client.of(Secret).get({ namespace, name });
  }

  claim(namespace: string, name: string): Promise<PersistentVolumeClaim | undefined> {
    return this.#client.of(PersistentVolumeClaim).get({ namespace, name });
  }

  persistentVolume(name: string): Promise<PersistentVolume | undefined> {
    return this.#client.of(PersistentVolume).get({ namespace: '', name });
  }

  node(name: string): Promise<Node | undefined> {
    return this.#client.of(Node).get({ namespace: '', name });
  }

  /** Services of the namespace, and the API's own. */
  async services(namespace: string, links: boolean): Promise<readonly Service[]> {
    const services = this.#client.of(Service);
    const own = links ? (await services.list({ namespace })).items : [];
    if (links && namespace === 'default') return own;
    const api = await services.get({ namespace: 'default', name: 'kubernetes' });
    return api ? [...own, api] : own;
  }

  /** A token that is bound to the pod: it dies with it. */
  async token(
    pod: Pod,
    request: { readonly audience: string | undefined; readonly expirationSeconds: number },
  ): Promise<ServiceAccountToken> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const key = { namespace, name: pod.spec?.serviceAccountName || 'default' };
    const answer = await this.#client.of(ServiceAccount).postSubresource(key, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      ...{
        spec: {
          audiences: request.audience ? [request.audience] : [],
          expirationSeconds: request.expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    });
    return tokenOf(answer);
  }
}

function tokenOf(answer: KubeObject): ServiceAccountToken {
  const status: unknown = 'status' in answer ? answer.status : undefined;
  const token = isRecord(status) ? status['token'] : undefined;
  const expires = isRecord(status) ? status['expirationTimestamp'] : undefined;
  if (typeof token !== 'string' || typeof expires !== 'string') throw new Error('the answer holds no token');
  return { token, expires: new Date(expires) };
}

export interface ReferencedNames {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

/** What a container's environment is taken from. */
export function environmentNames(container: Container): ReferencedNames {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  const add = (set: Set<string>, name: string | undefined): void => {
    if (name) set.add(name);
  };
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    add(configMaps, configMapRef?.name);
    add(secrets, secretRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add(configMaps, valueFrom?.configMapKeyRef?.name);
    add(secrets, valueFrom?.secretKeyRef?.name);
  }
  return { configMaps, secrets };
}

/** Everything by whose change the pod may be able to go on, or its volumes have to follow. */
export function referencedNames(pod: Pod): ReferencedNames {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { container } of containersOf(pod)) {
    const names = environmentNames(container);
    for (const name of names.configMaps) configMaps.add(name);
    for (const name of names.secrets) secrets.add(name);
  }
  for (const { configMap, secret, projected } of pod.spec?.volumes ?? []) {
    if (configMap?.name) configMaps.add(configMap.name);
    if (secret?.secretName) secrets.add(secret.secretName);
    for (const source of projected?.sources ?? []) {
      if (source.configMap?.name) configMaps.add(source.configMap.name);
      if (source.secret?.name) secrets.add(source.secret.name);
    }
  }
  for (const { name } of pod.spec?.imagePullSecrets ?? []) if (name) secrets.add(name);
  return { configMaps, secrets };
}
