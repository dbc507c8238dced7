/** THE table of rules. */
import type { LintRule } from '../rule.ts';
import { addedCapabilities } from './security/added-capabilities.ts';
import { allowEscalation } from './security/allow-escalation.ts';
import { apparmor } from './security/apparmor.ts';
import { automountToken } from './security/automount-token.ts';
import { capabilitiesNotDropped } from './security/capabilities-not-dropped.ts';
import { containerRuntimeSocket } from './security/container-runtime-socket.ts';
import { defaultServiceAccount } from './security/default-service-account.ts';
import { hostIpc } from './security/host-ipc.ts';
import { hostNetwork } from './security/host-network.ts';
import { hostPathSensitive } from './security/host-path-sensitive.ts';
import { hostPathWritable } from './security/host-path-writable.ts';
import { hostPath } from './security/host-path.ts';
import { hostPid } from './security/host-pid.ts';
import { hostPort } from './security/host-port.ts';
import { hostProcess } from './security/host-process.ts';
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
import { selinux } from './security/selinux.ts';
import { sysAdmin } from './security/sys-admin.ts';
import { sysModule } from './security/sys-module.ts';
import { sysctls } from './security/sysctls.ts';
import { volumeTypes } from './security/volume-types.ts';
import { writableRootFilesystem } from './security/writable-root-filesystem.ts';

export const rules: readonly LintRule[] = [
  addedCapabilities,
  allowEscalation,
  apparmor,
  automountToken,
  capabilitiesNotDropped,
  containerRuntimeSocket,
  defaultServiceAccount,
  hostIpc,
  hostNetwork,
  hostPathSensitive,
  hostPathWritable,
  hostPath,
  hostPid,
  hostPort,
  hostProcess,
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
  selinux,
  sysAdmin,
  sysModule,
  sysctls,
  volumeTypes,
  writableRootFilesystem,
];
