/** THE table of rules. */
import type { LintRule } from '../rule.ts';
import { addedCapabilities } from './security/added-capabilities.ts';
import { allowEscalation } from './security/allow-escalation.ts';
import { apparmor } from './security/apparmor.ts';
import { automountToken } from './security/automount-token.ts';
import { capabilitiesNotDropped } from './security/capabilities-not-dropped.ts';
import { configmapSecret } from './security/configmap-secret.ts';
import { containerRuntimeSocket } from './security/container-runtime-socket.ts';
import { defaultServiceAccount } from './security/default-service-account.ts';
import { envSecretLiteral } from './security/env-secret-literal.ts';
import { envSecretReference } from './security/env-secret-reference.ts';
import { hostIpc } from './security/host-ipc.ts';
import { hostNetwork } from './security/host-network.ts';
import { hostPathSensitive } from './security/host-path-sensitive.ts';
import { hostPathWritable } from './security/host-path-writable.ts';
import { hostPath } from './security/host-path.ts';
import { hostPid } from './security/host-pid.ts';
import { hostPort } from './security/host-port.ts';
import { hostProcess } from './security/host-process.ts';
import { knownToken } from './security/known-token.ts';
import { lowGid } from './security/low-gid.ts';
import { lowUid } from './security/low-uid.ts';
import { mountPropagation } from './security/mount-propagation.ts';
import { netRaw } from './security/net-raw.ts';
import { noHardening } from './security/no-hardening.ts';
import { privileged } from './security/privileged.ts';
import { probeHost } from './security/probe-host.ts';
import { procMount } from './security/proc-mount.ts';
import { rootGroup } from './security/root-group.ts';
import { runAsNonRoot } from './security/run-as-non-root.ts';
import { runAsRoot } from './security/run-as-root.ts';
import { seccompMissing } from './security/seccomp-missing.ts';
import { seccompUnconfined } from './security/seccomp-unconfined.ts';
import { secretInRepository } from './security/secret-in-repository.ts';
import { selinux } from './security/selinux.ts';
import { sysAdmin } from './security/sys-admin.ts';
import { sysModule } from './security/sys-module.ts';
import { sysctls } from './security/sysctls.ts';
import { volumeTypes } from './security/volume-types.ts';
import { writableRootFilesystem } from './security/writable-root-filesystem.ts';
import { clusterAdmin } from './rbac/cluster-admin.ts';
import { createPods } from './rbac/create-pods.ts';
import { escalate } from './rbac/escalate.ts';
import { exec } from './rbac/exec.ts';
import { readSecrets } from './rbac/read-secrets.ts';
import { systemGroups } from './rbac/system-groups.ts';
import { wildcard } from './rbac/wildcard.ts';
import { cpuLimit } from './resources/cpu-limit.ts';
import { cpuRequest } from './resources/cpu-request.ts';
import { ephemeralStorage } from './resources/ephemeral-storage.ts';
import { implausibleAmount } from './resources/implausible-amount.ts';
import { memoryLimit } from './resources/memory-limit.ts';
import { memoryRequest } from './resources/memory-request.ts';
import { requestsEqualLimits } from './resources/requests-equal-limits.ts';
import { invalidName } from './images/invalid-name.ts';
import { latest } from './images/latest.ts';
import { noDigest } from './images/no-digest.ts';
import { noTag } from './images/no-tag.ts';
import { pullPolicy } from './images/pull-policy.ts';
import { registryNotAllowed } from './images/registry-not-allowed.ts';

export const rules: readonly LintRule[] = [
  addedCapabilities,
  allowEscalation,
  apparmor,
  automountToken,
  capabilitiesNotDropped,
  configmapSecret,
  containerRuntimeSocket,
  defaultServiceAccount,
  envSecretLiteral,
  envSecretReference,
  hostIpc,
  hostNetwork,
  hostPathSensitive,
  hostPathWritable,
  hostPath,
  hostPid,
  hostPort,
  hostProcess,
  knownToken,
  lowGid,
  lowUid,
  mountPropagation,
  netRaw,
  noHardening,
  privileged,
  probeHost,
  procMount,
  rootGroup,
  runAsNonRoot,
  runAsRoot,
  seccompMissing,
  seccompUnconfined,
  secretInRepository,
  selinux,
  sysAdmin,
  sysModule,
  sysctls,
  volumeTypes,
  writableRootFilesystem,
  clusterAdmin,
  createPods,
  escalate,
  exec,
  readSecrets,
  systemGroups,
  wildcard,
  cpuLimit,
  cpuRequest,
  ephemeralStorage,
  implausibleAmount,
  memoryLimit,
  memoryRequest,
  requestsEqualLimits,
  invalidName,
  latest,
  noDigest,
  noTag,
  pullPolicy,
  registryNotAllowed,
];
