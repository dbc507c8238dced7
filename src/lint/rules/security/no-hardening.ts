import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods, isWindows } from '../../selectors.ts';
import { podExample } from '../example.ts';

export const noHardening: LintRule = {
  id: 'security/no-hardening',
  severity: 'warning',
  recommended: false,
  summary: 'At least one of AppArmor, seccomp, SELinux and dropped capabilities is set.',
  why: 'Without any of them only the defaults of the node stand between the container and the kernel.',
  bad: podExample({}),
  good: podExample({ container: 'securityContext:\n  capabilities:\n    drop: [ALL]' }),
  appliesTo: hasPods,
  *check(subject) {
    if (isWindows(subject)) return;
    for (const { container, pod, at } of containersOf(subject)) {
      const both = [container.securityContext, pod.spec.securityContext];
      const dropped = (container.securityContext?.capabilities?.drop ?? []).length > 0;
      const hardened = both.some((one) => one?.appArmorProfile ?? one?.seccompProfile ?? one?.seLinuxOptions);
      if (!dropped && !hardened)
        yield { path: at(), message: `nothing restricts container ${container.name} beyond the defaults` };
    }
  },
};
