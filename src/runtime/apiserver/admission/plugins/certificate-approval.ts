/** Who decides on signing requests, and who issues certificates (plugin/pkg/admission/certificates). */
import { deepClone, isRecord } from '../../../../shared/deep.ts';
import { CertificateSigningRequest } from '../../../../types/kinds/certificates/certificate-signing-request.ts';
import { authorize } from '../../authorization.ts';
import type { Roles } from '../../authorization.ts';
import type { RequestSigner } from '../../certificate-signer.ts';
import { isOfKind } from '../../fields.ts';
import type { UserInfo } from '../../request.ts';
import { forbidden } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';

const group = 'certificates.k8s.io';
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/** Approving takes the verb `approve` on the signer, issuing takes `sign`: for it, or for all of its domain. */
export function certificateApproval(roles: Roles): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    handles: ({ operation, kind, subresource }) =>
      operation === 'UPDATE' &&
      kind.typeName === CertificateSigningRequest.typeName &&
      (subresource === 'approval' || subresource === 'status'),
    validate({ user, previous, kind, name, subresource }, object) {
      if (!isOfKind(CertificateSigningRequest, object) || !isOfKind(CertificateSigningRequest, previous))
        return Promise.resolve();
      const signs = subresource === 'status';
      const isSame = previous.status?.certificate === object.status?.certificate && !newlyFailed(object, previous);
      const signer = object.spec?.signerName ?? '';
      const verb = signs ? 'sign' : 'approve';
      if ((signs && isSame) || mayActFor(user, verb, signer, roles)) return Promise.resolve();
      return Promise.reject(
        forbidden(kind, name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`),
      );
    },
  };
}

/** Who asks is what the server knows, not what the request says (strategy of certificatesigningrequests). */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  handles: isNewRequest,
  mutate({ user }, draft) {
    if (!isRecord(draft['spec'])) return Promise.resolve();
    const { username, uid, groups, extra } = user;
    const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...asked } = draft['spec'];
    draft['spec'] = {
      ...asked,
      username,
      ...(uid === undefined ? {} : { uid }),
      groups: [...groups],
      ...(extra === undefined ? {} : { extra: deepClone(extra) }),
    };
    return Promise.resolve();
  },
};

function isNewRequest({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === 'CREATE' && kind.typeName === CertificateSigningRequest.typeName && subresource === '';
}

/** Nobody becomes an administrator by a certificate (CertificateSubjectRestriction). */
export function certificateSubjects(signer: Pick<RequestSigner, 'read'>): AdmissionPlugin {
  return {
    name: 'CertificateSubjectRestriction',
    handles: isNewRequest,
    async validate({ kind, name }, object) {
      if (!isOfKind(CertificateSigningRequest, object) || object.spec?.signerName !== clientSigner) return;
      const { organizations } = await signer.read(Buffer.from(object.spec.request, 'base64').toString());
      if (!organizations.includes('system:masters')) return;
      throw forbidden(kind, name, `use of ${clientSigner} signer with system:masters group is not allowed`);
    },
  };
}

function newlyFailed(next: CertificateSigningRequest, previous: CertificateSigningRequest): boolean {
  const failed = ({ status }: CertificateSigningRequest): boolean =>
    status?.conditions?.some(({ type }) => type === 'Failed') === true;
  return failed(next) && !failed(previous);
}

function mayActFor(user: UserInfo, verb: string, signer: string, roles: Roles): boolean {
  return [signer, `${signer.split('/')[0] ?? ''}/*`].some(
    (name) =>
      authorize(
        {
          isResourceRequest: true,
          user,
          verb,
          group,
          resource: 'signers',
          subresource: '',
          namespace: '',
          name,
        },
        roles,
      ).allowed,
  );
}
