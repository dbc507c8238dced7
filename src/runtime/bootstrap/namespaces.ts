import type { Namespace } from '../../types/kinds/generated/core-v1.gen.ts';

/** The namespaces that every cluster has. */
export const defaultNamespaces: readonly Namespace[] = ['default', 'kube-node-lease', 'kube-public', 'kube-system'].map(
  (name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }),
);
