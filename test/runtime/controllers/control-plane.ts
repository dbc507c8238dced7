/** A real API server on a memory store with the built-in controllers; no scheduler and no kubelet. */
import { onTestFinished } from 'vitest';
import { createApiServer } from '../../../src/runtime/apiserver/api-server.ts';
import type { ApiServer } from '../../../src/runtime/apiserver/api-server.ts';
import { openCertificates } from '../../../src/runtime/apiserver/certificates.ts';
import type { Certificates } from '../../../src/runtime/apiserver/certificates.ts';
import { RbacIndex, rbacFeed } from '../../../src/runtime/apiserver/rbac-index.ts';
import type { UsageSource } from '../../../src/runtime/apiserver/usage/usage-source.ts';
import { bootstrap } from '../../../src/runtime/bootstrap.ts';
import type { ApiClient } from '../../../src/runtime/client/api-client.ts';
import { makeClient } from '../../../src/runtime/client/in-process.ts';
import { InformerSet } from '../../../src/runtime/client/informer.ts';
import type { AnyController } from '../../../src/runtime/controllers/framework/controller.ts';
import { ControllerManager } from '../../../src/runtime/controllers/framework/manager.ts';
import { controllerUser, managerUser } from '../../../src/runtime/controllers/identity.ts';
import { createMemoryStore } from '../../../src/runtime/storage/memory-store.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { DisposeStack } from '../../../src/shared/dispose.ts';
import type { KindDefinition } from '../../../src/types/define-kind.ts';
import { builtInKinds } from '../../../src/types/kinds/index.ts';
import type { KubeObject, Persisted } from '../../../src/types/meta.ts';
import { Registry } from '../../../src/types/registry.ts';

export interface ControlPlane {
  readonly server: ApiServer;
  readonly certificates: Certificates;
  /** A cluster administrator. */
  readonly client: ApiClient;
  readonly informers: InformerSet;
  readonly manager: ControllerManager;
  readonly failures: unknown[];
  /** Resolves with the objects of a kind once they satisfy `holds`. */
  until<T extends KubeObject>(
    kind: KindDefinition<T>,
    holds: (objects: readonly Persisted<T>[]) => boolean,
  ): Promise<readonly Persisted<T>[]>;
}

export const admin = { username: 'admin', groups: ['system:masters', 'system:authenticated'] };

export async function startControlPlane(
  controllers: readonly AnyController[],
  clock: Clock = systemClock,
  usage?: UsageSource,
): Promise<ControlPlane> {
  const stack = new DisposeStack();
  onTestFinished(() => stack[Symbol.asyncDispose]());
  const failures: unknown[] = [];
  const store = createMemoryStore({ clock });
  const registry = new Registry(builtInKinds);
  const roles = new RbacIndex();
  const signal = new AbortController().signal;
  const certificates = await openCertificates({ serverNames: ['localhost', '127.0.0.1'], clock: systemClock });
  const server = await createApiServer({
    store,
    registry,
    clock,
    roles,
    certificates,
    serviceNetwork: { cidr: '10.96.0.0/16', nodePorts: { from: 30000, to: 32767 } },
    ...(usage === undefined ? {} : { usage }),
    onFailure: (error) => failures.push(error),
  });
  await bootstrap(server.dispatch, signal);
  // After the bootstrap, which needs no roles: so the index begins complete.
  stack.use(await rbacFeed(store, roles, (error) => failures.push(error)).start(signal));
  const informers = stack.use(
    new InformerSet(makeClient(server.dispatch, managerUser, { userAgent: 'kube-controller-manager' }), {
      clock,
      onError: (error, kind) => failures.push(new Error(`informer of ${kind.kind}: ${String(error)}`)),
    }),
  );
  const manager = new ControllerManager({
    controllers,
    clientFor: (name) => makeClient(server.dispatch, controllerUser(name), { userAgent: name }),
    informers,
    registry,
    clock,
    onError: (error, controller, what) => failures.push(new Error(`${controller}: ${what}: ${String(error)}`)),
  });
  stack.use(await manager.start(signal));
  const client = makeClient(server.dispatch, admin, { userAgent: 'test' });
  return {
    server,
    certificates,
    client,
    informers,
    manager,
    failures,
    until: (kind, holds) => until(informers, kind, holds),
  };
}

async function until<T extends KubeObject>(
  informers: InformerSet,
  kind: KindDefinition<T>,
  holds: (objects: readonly Persisted<T>[]) => boolean,
): Promise<readonly Persisted<T>[]> {
  const informer = informers.of(kind);
  await informer.synced;
  if (holds(informer.list())) return informer.list();
  return new Promise((resolve) => {
    const subscription = informer.subscribe(() => {
      const objects = informer.list();
      if (!holds(objects)) return;
      queueMicrotask(() => subscription[Symbol.dispose]());
      resolve(objects);
    });
  });
}
