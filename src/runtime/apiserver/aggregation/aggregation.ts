/** Groups of the API that other servers in the cluster answer for (kube-aggregator), and the APIServices that say so. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { Clock, Milliseconds } from '../../../shared/clock.ts';
import type { Component } from '../../../shared/component.ts';
import type { KindDefinition } from '../../../types/define-kind.ts';
import { APIService } from '../../../types/kinds/apiregistration/api-service.ts';
import { EndpointSlice } from '../../../types/kinds/discovery/endpoint-slice.ts';
import { Service } from '../../../types/kinds/core/service.ts';
import type { KubeObject } from '../../../types/meta.ts';
import type { Registry } from '../../../types/registry.ts';
import { TargetFault, targetOf } from '../admission/webhooks/target.ts';
import type { KeyPair } from '../certificates.ts';
import { isOfKind } from '../fields.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { UserInfo } from '../request.ts';
import { copyOf } from '../resource-storage.ts';
import type { ResourceStorage, WriteContext } from '../resource-storage.ts';
import { answerOf, passedOn } from '../reverse-proxy/reverse-proxy.ts';
import type { Passage } from '../reverse-proxy/reverse-proxy.ts';
import { ApiError } from '../status-error.ts';
import { conditionsWith, local, passed } from './availability.ts';
import type { Availability } from './availability.ts';
import { planLocalServices } from './local-services.ts';
import { openApiPath, resourcesIn } from './remote-resources.ts';
import type { RemoteVersion } from './remote-resources.ts';

export interface AggregationOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly reader: ObjectReader;
  /** By which other servers know this one. */
  readonly proxyClient: KeyPair;
  storage(kind: KindDefinition): ResourceStorage;
  onFailure(error: unknown): void;
}

/** How soon a server is asked again whether it is there. */
const intervals = { available: 30_000, unavailable: 5000 } as const satisfies Record<string, Milliseconds>;
const checkTimeout: Milliseconds = 5000;

const server: UserInfo = { username: 'system:kube-aggregator', groups: ['system:masters', 'system:authenticated'] };
const write: WriteContext = { user: server, dryRun: false, fieldManager: 'kube-apiserver', subresource: '' };

class Remote {
  resources: RemoteVersion['resources'];
  openApi: RemoteVersion['openApi'];
  timer: Disposable | undefined;
  constructor(public service: APIService) {}
}

export class Aggregation {
  readonly #options: AggregationOptions;
  /** By name: `VERSION.GROUP`. */
  readonly #remotes = new Map<string, Remote>();
  #running = false;

  constructor(options: AggregationOptions) {
    this.#options = options;
  }

  /** Knows what is stored. */
  async load(): Promise<void> {
    for (const service of await this.#options.reader.list(APIService)) this.#observe(service, false);
  }

  /** To be told of everything that is written. */
  readonly onStored = (kind: KindDefinition, object: KubeObject, gone: boolean): void => {
    if (isOfKind(APIService, object)) this.#observe(object, gone);
    else if (this.#remotes.size > 0 && (kind.typeName === Service.typeName || kind.typeName === EndpointSlice.typeName))
      this.#reconsider(object);
  };

  /** Those that this server does not serve itself. */
  versions(): readonly RemoteVersion[] {
    return [...this.#remotes.values()]
      .map(({ service, resources, openApi }) => ({ ...placeOf(service), resources, openApi }))
      .filter((place) => !this.#isServedHere(place));
  }

  /** Who answers for a path; undefined: this server. */
  find(path: string): APIService | undefined {
    if (this.#remotes.size === 0) return undefined;
    const [, group = '', version = ''] = /^\/+(?:openapi\/+v3\/+)?apis\/+([^/]+)\/+([^/]+)/.exec(path) ?? [];
    const remote = this.#remotes.get(`${version}.${group}`);
    return remote && !this.#isServedHere({ group, version }) ? remote.service : undefined;
  }

  /** @throws ApiError ServiceUnavailable */
  async passage(
    service: APIService,
    request: { readonly method: string; readonly headers: IncomingHttpHeaders; readonly path: string },
    user: UserInfo,
  ): Promise<Passage> {
    try {
      return await this.#passage(service, request, user);
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      throw new ApiError(
        'ServiceUnavailable',
        `the server is currently unable to handle the request: ${error.message}`,
      );
    }
  }

  /** Registers what this server serves, and looks after the others. */
  component(): Component {
    return {
      name: 'aggregation',
      start: () => {
        this.#running = true;
        for (const remote of this.#remotes.values()) this.#checkLater(remote, 0);
        const register = (): void => this.#attend(this.#registerLocal());
        const subscription = this.#options.registry.subscribe(register);
        register();
        return Promise.resolve({
          [Symbol.asyncDispose]: () => {
            this.#running = false;
            subscription[Symbol.dispose]();
            for (const { timer } of this.#remotes.values()) timer?.[Symbol.dispose]();
            return Promise.resolve();
          },
        });
      },
    };
  }

  #isServedHere({ group, version }: { readonly group: string; readonly version: string }): boolean {
    for (const kind of this.#options.registry.all())
      if (kind.served && kind.group === group && kind.version === version) return true;
    return false;
  }

  #observe(service: APIService, gone: boolean): void {
    const name = service.metadata.name ?? '';
    const known = this.#remotes.get(name);
    if (gone || service.spec?.service === undefined) {
      known?.timer?.[Symbol.dispose]();
      this.#remotes.delete(name);
      return;
    }
    const remote = known ?? new Remote(service);
    const changed = known === undefined || known.service.metadata.generation !== service.metadata.generation;
    remote.service = service;
    this.#remotes.set(name, remote);
    if (changed || remote.service.status?.conditions === undefined) this.#checkLater(remote, 0);
  }

  /** A Service or its endpoints have changed. */
  #reconsider({ kind, metadata }: KubeObject): void {
    const name = kind === 'Service' ? metadata.name : metadata.labels?.['kubernetes.io/service-name'];
    for (const remote of this.#remotes.values()) {
      const target = remote.service.spec?.service;
      if (target?.name === name && target?.namespace === metadata.namespace) this.#checkLater(remote, 0);
    }
  }

  #checkLater(remote: Remote, delay: Milliseconds): void {
    remote.timer?.[Symbol.dispose]();
    if (!this.#running) return;
    remote.timer = this.#options.clock.schedule(delay, () => this.#attend(this.#check(remote)));
  }

  async #check(remote: Remote): Promise<void> {
    const availability = this.#isServedHere(placeOf(remote.service)) ? local : await this.#ask(remote);
    await this.#report(remote.service, availability);
    if (this.#remotes.get(remote.service.metadata.name ?? '') !== remote) return;
    this.#checkLater(remote, availability.status === 'True' ? intervals.available : intervals.unavailable);
  }

  async #ask(remote: Remote): Promise<Availability> {
    const { group, version } = placeOf(remote.service);
    const path = `/apis/${group}/${version}`;
    const late = new AbortController();
    const timer = this.#options.clock.schedule(checkTimeout, () => late.abort());
    try {
      const asked = { method: 'GET', headers: { accept: 'application/json' }, path };
      const { status, text } = await answerOf(await this.#passage(remote.service, asked, server), late.signal);
      if (status !== 200) throw new Error(`bad status: ${status}`);
      remote.resources = resourcesIn(text);
      remote.openApi = await this.#openApiOf(remote.service, late.signal);
      return passed;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      remote.resources = undefined;
      const reason = error instanceof TargetFault ? error.reason : 'FailedDiscoveryCheck';
      const what = late.signal.aborted ? 'context deadline exceeded' : error.message;
      const message = error instanceof TargetFault ? what : `failing or missing response from ${path}: ${what}`;
      return { status: 'False', reason, message };
    } finally {
      timer[Symbol.dispose]();
    }
  }

  /** Where its schemas are; a server need not have any. */
  async #openApiOf(service: APIService, signal: AbortSignal): Promise<string | undefined> {
    const asked = { method: 'GET', headers: { accept: 'application/json' }, path: '/openapi/v3' };
    const { status, text } = await answerOf(await this.#passage(service, asked, server), signal);
    return status === 200 ? openApiPath(text, placeOf(service)) : undefined;
  }

  async #passage(
    { spec }: APIService,
    request: { readonly method: string; readonly headers: IncomingHttpHeaders; readonly path: string },
    user: UserInfo,
  ): Promise<Passage> {
    const { name = '', namespace = '', port = 443 } = spec?.service ?? {};
    const caBundle = spec?.caBundle;
    const config = { service: { name, namespace, port }, ...(caBundle === undefined ? {} : { caBundle }) };
    const { host, port: reached, serverName, authority } = await targetOf(config, this.#options.reader);
    const { certificate: cert, key } = this.#options.proxyClient;
    const rejectUnauthorized = spec?.insecureSkipTLSVerify !== true;
    const tls = {
      cert,
      key,
      servername: serverName,
      rejectUnauthorized,
      ...(authority === undefined ? {} : { ca: authority }),
    };
    return {
      target: { scheme: 'https', host, port: reached, tls },
      method: request.method,
      path: request.path,
      headers: { ...passedOn(request.headers), host: `${serverName}:${port}`, ...identityOf(user) },
      proxied: undefined,
    };
  }

  async #report(service: APIService, availability: Availability): Promise<void> {
    const storage = this.#options.storage(APIService);
    const key = { namespace: '', name: service.metadata.name ?? '' };
    const current = await this.#options.reader.get(APIService, key);
    const conditions = current && conditionsWith(current, availability, this.#options.clock.now());
    if (conditions === undefined) return;
    const change = { ...write, subresource: 'status' };
    await storage.update(
      key,
      (found) => {
        if (!found) throw new ApiError('NotFound', `apiservice ${key.name} is gone`);
        return { draft: { ...copyOf(found.object), status: { conditions } }, patched: true };
      },
      change,
    );
  }

  async #registerLocal(): Promise<void> {
    const existing = await this.#options.reader.list(APIService);
    const { create, remove } = planLocalServices(this.#options.registry, existing);
    const storage = this.#options.storage(APIService);
    await Promise.all([
      ...create.map(async (service) => {
        await storage.create(copyOf(service), '', write);
        await this.#report(service, local);
      }),
      ...remove.map((name) => storage.remove({ namespace: '', name }, {}, write)),
    ]);
  }

  /** Two of them may be under way at a time, or a user be faster. */
  #attend(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const raced = error instanceof ApiError && ['AlreadyExists', 'Conflict', 'NotFound'].includes(error.reason);
      if (!raced && this.#running) this.#options.onFailure(error);
    });
  }
}

function placeOf({ spec }: APIService): { readonly group: string; readonly version: string } {
  return { group: spec?.group ?? '', version: spec?.version ?? '' };
}

/** Who the request is from, in the words of an authenticating proxy. */
function identityOf({ username, uid, groups, extra }: UserInfo): OutgoingHttpHeaders {
  const extras = Object.entries(extra ?? {}).map(([name, values]) => [
    `x-remote-extra-${encodeURIComponent(name).toLowerCase()}`,
    [...values],
  ]);
  return {
    'x-remote-user': username,
    'x-remote-group': [...groups],
    ...(uid === undefined ? {} : { 'x-remote-uid': uid }),
    ...Object.fromEntries(extras),
  };
}
