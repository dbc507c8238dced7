/** THE ordered table of admission plugins. */
import type { KindDefinition } from '../../../../types/define-kind.ts';
import { MutatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBinding } from '../../../../types/kinds/admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingWebhookConfiguration } from '../../../../types/kinds/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingWebhookConfiguration } from '../../../../types/kinds/admissionregistration/validating-webhook-configuration.ts';
import { ValidatingAdmissionPolicy } from '../../../../types/kinds/admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBinding } from '../../../../types/kinds/admissionregistration/validating-admission-policy-binding.ts';
import type { RequestSigner } from '../../certificate-signer.ts';
import type { AdmissionPlugin } from '../plugin.ts';
import { certificateApproval, certificateRequester, certificateSubjects } from './certificate-approval.ts';
import { claimResize } from './claim-resize.ts';
import { customResourceNames } from './custom-resource-names.ts';
import { defaultStorageClass } from './default-storage-class.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { limitRanger } from './limit-ranger.ts';
import { mutatingAdmissionPolicy } from './mutating-admission-policy.ts';
import { mutatingWebhooks } from './mutating-webhooks.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction.ts';
import { nodeTaints } from './node-taints.ts';
import { priority } from './priority.ts';
import { resourceQuota } from './resource-quota.ts';
import { roleEscalation } from './role-escalation.ts';
import { runtimeClass } from './runtime-class.ts';
import { serviceAccount } from './service-account.ts';
import { serviceAddresses } from './service-addresses.ts';
import type { ServiceNetwork } from './service-addresses.ts';
import { storageInUse } from './storage-in-use.ts';
import { validatingWebhooks } from './validating-webhooks.ts';
import { validatingAdmissionPolicy } from './validating-admission-policy.ts';
import type { PolicyParts } from './validating-admission-policy.ts';

/** Kinds whose objects say what is admitted. */
export const steeringKinds: readonly KindDefinition[] = [
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
];

export interface PluginOptions extends PolicyParts {
  readonly serviceNetwork: ServiceNetwork;
  readonly certificates: Pick<RequestSigner, 'read'>;
}

export function admissionPlugins(options: PluginOptions): readonly AdmissionPlugin[] {
  return [
    namespaceLifecycle,
    limitRanger,
    serviceAccount,
    nodeTaints,
    priority,
    defaultTolerationSeconds,
    defaultStorageClass,
    storageInUse,
    claimResize,
    runtimeClass,
    certificateRequester,
    serviceAddresses(options.serviceNetwork),
    customResourceNames,
    mutatingAdmissionPolicy(options),
    mutatingWebhooks(options),
    nodeRestriction,
    roleEscalation(options.roles),
    certificateApproval(options.roles),
    certificateSubjects(options.certificates),
    validatingAdmissionPolicy(options),
    validatingWebhooks(options),
    // Last, since what anybody else refuses must not count.
    resourceQuota(),
  ];
}
