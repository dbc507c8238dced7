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
import { antiAffinity } from './reliability/anti-affinity.ts';
import { autoscaledReplicas } from './reliability/autoscaled-replicas.ts';
import { autoscalerMinimum } from './reliability/autoscaler-minimum.ts';
import { autoscalerWithoutRoom } from './reliability/autoscaler-without-room.ts';
import { budgetAboveAutoscaler } from './reliability/budget-above-autoscaler.ts';
import { budgetBlocks } from './reliability/budget-blocks.ts';
import { budgetEmpty } from './reliability/budget-empty.ts';
import { budgetMissing } from './reliability/budget-missing.ts';
import { budgetUnhealthyPods } from './reliability/budget-unhealthy-pods.ts';
import { cronConcurrency } from './reliability/cron-concurrency.ts';
import { cronDeadline } from './reliability/cron-deadline.ts';
import { gracePeriod } from './reliability/grace-period.ts';
import { jobLifetime } from './reliability/job-lifetime.ts';
import { livenessMissing } from './reliability/liveness-missing.ts';
import { nakedPod } from './reliability/naked-pod.ts';
import { nodeAffinity } from './reliability/node-affinity.ts';
import { preStop } from './reliability/pre-stop.ts';
import { priorityClass } from './reliability/priority-class.ts';
import { probeValues } from './reliability/probe-values.ts';
import { probesIdentical } from './reliability/probes-identical.ts';
import { readinessMissing } from './reliability/readiness-missing.ts';
import { recreateStrategy } from './reliability/recreate-strategy.ts';
import { restartPolicy } from './reliability/restart-policy.ts';
import { sharedDisk } from './reliability/shared-disk.ts';
import { singleReplica } from './reliability/single-replica.ts';
import { statefulSetServiceName } from './reliability/stateful-set-service-name.ts';
import { topologySpread } from './reliability/topology-spread.ts';
import { claimTemplate } from './correctness/claim-template.ts';
import { commandWithSpaces } from './correctness/command-with-spaces.ts';
import { decimalMode } from './correctness/decimal-mode.ts';
import { namespaceIgnored } from './correctness/namespace-ignored.ts';
import { nodePortRange } from './correctness/node-port-range.ts';
import { autoscalerTarget } from './reference/autoscaler-target.ts';
import { budgetPods } from './reference/budget-pods.ts';
import { classes } from './reference/class.ts';
import { configKey } from './reference/config-key.ts';
import { configMap } from './reference/config-map.ts';
import { duplicateObject } from './reference/duplicate-object.ts';
import { ingressPort } from './reference/ingress-port.ts';
import { ingressService } from './reference/ingress-service.ts';
import { ingressTlsSecret } from './reference/ingress-tls-secret.ts';
import { networkPolicyPods } from './reference/network-policy-pods.ts';
import { optional } from './reference/optional.ts';
import { probePort } from './reference/probe-port.ts';
import { role } from './reference/role.ts';
import { secretReference } from './reference/secret.ts';
import { serviceAccount } from './reference/service-account.ts';
import { serviceMonitor } from './reference/service-monitor.ts';
import { servicePods } from './reference/service-pods.ts';
import { servicePort } from './reference/service-port.ts';
import { serviceTargetPort } from './reference/service-target-port.ts';
import { statefulSetService } from './reference/stateful-set-service.ts';
import { volumeClaim } from './reference/volume-claim.ts';
import { externalIps } from './network/external-ips.ts';
import { ingressSnippet } from './network/ingress-snippet.ts';
import { ingressTls } from './network/ingress-tls.ts';
import { ingressWildcard } from './network/ingress-wildcard.ts';
import { loadBalancer } from './network/load-balancer.ts';
import { noPolicy } from './network/no-policy.ts';
import { nodePort } from './network/node-port.ts';
import { privilegedPort } from './network/privileged-port.ts';
import { sshPort } from './network/ssh-port.ts';
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
import { ingressClassAnnotation } from './deprecation/ingress-class-annotation.ts';
import { serviceAccountField } from './deprecation/service-account-field.ts';
import { documentSeparator } from './style/document-separator.ts';
import { instanceLabel } from './style/instance-label.ts';
import { octalNumber } from './style/octal.ts';
import { owner } from './reference/owner.ts';
import { quotedStrings } from './style/quoted-strings.ts';
import { unusedAnchor } from './style/unused-anchor.ts';
import { dnsNdots } from './style/dns-ndots.ts';
import { keyOrder } from './style/key-order.ts';
import { namespaceDefault } from './style/namespace-default.ts';
import { namespaceMissing } from './style/namespace-missing.ts';
import { recommendedLabels } from './style/recommended-labels.ts';
import { requiredAnnotations } from './style/required-annotations.ts';
import { requiredLabels } from './style/required-labels.ts';

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
  antiAffinity,
  autoscaledReplicas,
  autoscalerMinimum,
  autoscalerWithoutRoom,
  budgetAboveAutoscaler,
  budgetBlocks,
  budgetEmpty,
  budgetMissing,
  budgetUnhealthyPods,
  cronConcurrency,
  cronDeadline,
  gracePeriod,
  jobLifetime,
  livenessMissing,
  nakedPod,
  nodeAffinity,
  preStop,
  priorityClass,
  probeValues,
  probesIdentical,
  readinessMissing,
  recreateStrategy,
  restartPolicy,
  sharedDisk,
  singleReplica,
  statefulSetServiceName,
  topologySpread,
  claimTemplate,
  commandWithSpaces,
  decimalMode,
  namespaceIgnored,
  nodePortRange,
  autoscalerTarget,
  budgetPods,
  classes,
  configKey,
  configMap,
  duplicateObject,
  ingressPort,
  ingressService,
  ingressTlsSecret,
  networkPolicyPods,
  optional,
  probePort,
  role,
  secretReference,
  serviceAccount,
  serviceMonitor,
  servicePods,
  servicePort,
  serviceTargetPort,
  statefulSetService,
  volumeClaim,
  externalIps,
  ingressSnippet,
  ingressTls,
  ingressWildcard,
  loadBalancer,
  noPolicy,
  nodePort,
  privilegedPort,
  sshPort,
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
  ingressClassAnnotation,
  serviceAccountField,
  owner,
  dnsNdots,
  documentSeparator,
  instanceLabel,
  keyOrder,
  namespaceDefault,
  namespaceMissing,
  octalNumber,
  quotedStrings,
  recommendedLabels,
  requiredAnnotations,
  requiredLabels,
  unusedAnchor,
];
