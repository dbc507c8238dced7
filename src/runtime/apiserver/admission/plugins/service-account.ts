import type { Draft } from '../../../../types/meta.ts';
import { Pod } from '../../../../types/kinds/core/pod.ts';
import { ServiceAccount } from '../../../../types/kinds/core/service-account.ts';
import type { Container } from '../../../../types/kinds/generated/core-v1.gen.ts';
import { isDraftOfKind } from '../../fields.ts';
import { generatedName } from '../../object-lifecycle.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const MIRROR = 'kubernetes.io/config.mirror';
const TOKEN_SECONDS = 3607;

/** Every pod runs as a service account and finds its token where programs look for it. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: ({ operation, kind, subresource }) =>
    operation === 'CREATE' && kind.typeName === Pod.typeName && subresource === '',
  async mutate(request, draft) {
    if (!isDraftOfKind(Pod, draft) || !draft.spec) return;
    const { spec } = draft;
    if (draft.metadata.annotations?.[MIRROR] !== undefined) {
      if ((spec.serviceAccountName ?? '') !== '')
        throw forbidden(Pod, request.name, 'a mirror pod may not reference service accounts');
      return;
    }
    const name =
      spec.serviceAccountName === undefined || spec.serviceAccountName === '' ? 'default' : spec.serviceAccountName;
    const account = await accountOf(request, name);
    spec.serviceAccountName = name;
    spec.serviceAccount = name;
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(draft);
    if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
      spec.imagePullSecrets = (account.imagePullSecrets ?? []).map((reference) => ({ ...reference }));
    }
  },
};

async function accountOf(request: AdmissionRequest, name: string): Promise<ServiceAccount> {
  const account = await request.reader.get(ServiceAccount, { namespace: request.namespace, name });
  if (account) return account;
  throw forbidden(
    Pod,
    request.name,
    `error looking up service account ${request.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
  );
}

function mountToken({ spec }: Draft<Pod>): void {
  if (!spec) return;
  const existing = (spec.volumes ?? []).find((volume) => volume.name.startsWith('kube-api-access-'));
  const name = existing?.name ?? generatedName('kube-api-access-');
  let needed = false;
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
    needed = addMount(container, name) || needed;
  if (needed && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

/** False for containers that mount something there themselves. */
function addMount(container: Draft<Container>, name: string): boolean {
  if ((container.volumeMounts ?? []).some((mount) => mount.mountPath === MOUNT_PATH)) return false;
  container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }];
  return true;
}

function tokenVolume(name: string): NonNullable<NonNullable<Draft<Pod>['spec']>['volumes']>[number] {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
