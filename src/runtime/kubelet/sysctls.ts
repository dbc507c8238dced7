/** Whether a pod's kernel parameters are its own alone. Pure. */
import type { Pod } from '../../types/kinds/generated/core-v1.gen.ts';
import { safeSysctls, sysctlName } from '../../types/pod/sysctls.ts';

/** Why this node does not take the pod; undefined when what it sets reaches no other. */
export function forbiddenSysctl(pod: Pod): string | undefined {
  const { securityContext, hostNetwork, hostIPC } = pod.spec ?? {};
  for (const { name: given } of securityContext?.sysctls ?? []) {
    const name = sysctlName(given);
    const quoted = `forbidden sysctl: ${JSON.stringify(name)}`;
    if (!safeSysctls.has(name)) return `${quoted} not allowlisted`;
    if (name.startsWith('net.') && hostNetwork) return `${quoted} not allowed with host net enabled`;
    if (name.startsWith('kernel.') && hostIPC) return `${quoted} not allowed with host ipc enabled`;
  }
  return undefined;
}
