import type { LintRule } from '../../rule.ts';
import { containersOf, hasPods } from '../../selectors.ts';
import { suggestSet } from '../changes.ts';
import { podExample } from '../example.ts';

export const apparmor: LintRule = {
  id: 'security/apparmor',
  severity: 'error',
  recommended: true,
  podSecurity: 'baseline',
  summary: 'AppArmor is not turned off.',
  why: 'Unconfined takes away the profile that the runtime gives every container.',
  bad: podExample({ spec: 'securityContext:\n  appArmorProfile:\n    type: Unconfined' }),
  good: podExample({ spec: 'securityContext:\n  appArmorProfile:\n    type: RuntimeDefault' }),
  appliesTo: hasPods,
  *check(subject) {
    const { pod } = subject;
    if (pod?.spec.securityContext?.appArmorProfile?.type === 'Unconfined') {
      const path = [...pod.path, 'securityContext', 'appArmorProfile', 'type'];
      yield { path, message: 'AppArmor is turned off for the pod', fix: suggestSet(path, 'RuntimeDefault') };
    }
    for (const { container, at } of containersOf(subject)) {
      if (container.securityContext?.appArmorProfile?.type !== 'Unconfined') continue;
      const path = at('securityContext', 'appArmorProfile', 'type');
      yield { path, message: `AppArmor is turned off for ${container.name}`, fix: suggestSet(path, 'RuntimeDefault') };
    }
    const prefix = 'container.apparmor.security.beta.kubernetes.io/';
    for (const [key, value] of Object.entries(pod?.metadata?.annotations ?? {})) {
      if (!pod || !key.startsWith(prefix) || value !== 'unconfined') continue;
      const path = [...pod.metadataPath, 'annotations', { key }];
      yield { path, message: `AppArmor is turned off for ${key.slice(prefix.length)}` };
    }
  },
};
