/** Which rules hold, and how much each is worth. */
import type { LintRule, Severity } from './rule.ts';

export type Preset = 'recommended' | 'strict' | 'pss-baseline' | 'pss-restricted' | 'none';

type Worth = (rule: LintRule) => Severity | 'off';

export const presets: Readonly<Record<Preset, Worth>> = {
  /** An error always means that Kubernetes refuses the object or that it can certainly not work. */
  recommended: ({ recommended, severity, certain }) => {
    if (!recommended) return 'off';
    return severity === 'error' && certain !== true ? 'warning' : severity;
  },
  strict: ({ severity }) => severity,
  'pss-baseline': ({ podSecurity }) => (podSecurity === 'baseline' ? 'error' : 'off'),
  'pss-restricted': ({ podSecurity }) => (podSecurity === undefined ? 'off' : 'error'),
  none: () => 'off',
};

export function isPreset(text: string): text is Preset {
  return Object.hasOwn(presets, text);
}
