import { Namespace } from '../../../../types/kinds/core/namespace.ts';
import { ApiError, forbidden, notFound } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

/** Their end would be the end of the cluster. */
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** New objects need a namespace that exists and is to stay. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles: ({ operation, kind }) => operation !== 'UPDATE' && (kind.scope === 'Namespaced' || kind === Namespace),
  async mutate(request) {
    if (request.operation === 'CREATE' && request.kind.scope === 'Namespaced') await checkNamespace(request);
  },
  async validate(request) {
    const { operation, kind, name } = request;
    // 1.35 and later protect kube-node-lease no longer than the others: all four are needed here.
    if (operation === 'DELETE' && kind.typeName === Namespace.typeName && IMMORTAL.has(name)) {
      throw forbidden(kind, name, 'this namespace may not be deleted');
    }
  },
};

async function checkNamespace({ kind, namespace, name, reader }: AdmissionRequest): Promise<void> {
  const found = await reader.get(Namespace, { namespace: '', name: namespace });
  if (!found) throw notFound(Namespace, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const refusal = forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  );
  throw new ApiError('Forbidden', refusal.message, refusal.details);
}
