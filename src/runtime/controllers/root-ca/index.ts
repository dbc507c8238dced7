/** Publishes the cluster's certificate authority in each namespace, where pods mount it from. */
import { ConfigMap } from '../../../types/kinds/core/config-map.ts';
import { Namespace } from '../../../types/kinds/core/namespace.ts';
import { isFailure } from '../../client/answers.ts';
import type { Controller, ControllerContext, Reconcile } from '../framework/controller.ts';
import { isNamespaceTerminating } from '../framework/namespace-terminating.ts';

const name = 'kube-root-ca.crt';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** @param bundle certificates in PEM */
export function rootCaController(bundle: string): Controller<Namespace> {
  return {
    name: 'root-ca-cert-publisher',
    kind: Namespace,
    alsoWatches: [
      {
        kind: ConfigMap,
        concerns: ({ metadata }) => (metadata.name === name ? [{ namespace: '', name: metadata.namespace ?? '' }] : []),
      },
    ],
    reconciler: (context) => reconciler(context, bundle),
  };
}

function reconciler({ client, informers }: ControllerContext, bundle: string): Reconcile {
  const namespaces = informers.of(Namespace);
  const maps = informers.of(ConfigMap);
  return async (key) => {
    const namespace = namespaces.get(key);
    if (!namespace || namespace.metadata.deletionTimestamp !== undefined) return;
    const current = maps.get({ namespace: key.name, name });
    if (current?.data?.['ca.crt'] === bundle && Object.keys(current.data).length === 1) return;
    const annotations = { ...current?.metadata.annotations, 'kubernetes.io/description': description };
    try {
      if (current) {
        const metadata = { ...current.metadata, annotations };
        await client.of(ConfigMap).update({ ...current, metadata, data: { 'ca.crt': bundle } });
      } else {
        await client.of(ConfigMap).create({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace: key.name, annotations },
          data: { 'ca.crt': bundle },
        });
      }
    } catch (error) {
      if (!isFailure(error, 'AlreadyExists', 'NotFound') && !isNamespaceTerminating(error)) throw error;
    }
  };
}
