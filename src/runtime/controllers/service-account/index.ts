/** Gives each namespace its `default` ServiceAccount. */
import { Namespace } from '../../../types/kinds/core/namespace.ts';
import { ServiceAccount } from '../../../types/kinds/core/service-account.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';

const name = 'default';

export const serviceAccountController: Controller<Namespace> = {
  name: 'service-account-controller',
  kind: Namespace,
  alsoWatches: [
    { kind: ServiceAccount, concerns: (account) => [{ namespace: '', name: account.metadata.namespace ?? '' }] },
  ],
  reconciler,
};

function reconciler({ client, informers }: ControllerContext): Reconcile {
  const namespaces = informers.of(Namespace);
  const accounts = informers.of(ServiceAccount);
  return async (key) => {
    const namespace = namespaces.get(key);
    if (!namespace || namespace.metadata.deletionTimestamp !== undefined) return;
    if (accounts.get({ namespace: key.name, name })) return;
    try {
      await client
        .of(ServiceAccount)
        .create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: key.name } });
    } catch (error) {
      if (!isFailure(error, 'AlreadyExists', 'NotFound') && !isNamespaceTerminating(error)) throw error;
    }
  };
}
