/** Which rules hold, and how much each is worth. */
import type { LintRule, Severity } from './rule.ts';

import { defaultChecks } from './other-tools.ts';
import type { OtherTool } from './other-tools.ts';

export type Preset = 'recommended' | 'strict' | 'pss-baseline' | 'pss-restricted' | OtherTool | 'none';

type Worth = (rule: LintRule) => Severity | 'off';

/** A lint rule is a warning at most, unless what it finds can certainly not work. */
function mild({ severity, certain }: LintRule): Severity {
  return severity === 'error' && certain !== true ? 'warning' : severity;
}

/** What the other tool checks by default, and what can certainly not work. */
function like(tool: OtherTool): Worth {
  return (rule) => {
    const known = rule.aliases?.some((alias) => defaultChecks[tool].has(alias)) ?? false;
    return known || rule.certain === true ? mild(rule) : 'off';
  };
}

export const presets: Readonly<Record<Preset, Worth>> = {
  /** An error always means that Kubernetes refuses the object or that it can certainly not work. */
  recommended: (rule) => (rule.recommended ? mild(rule) : 'off'),
  /** Everything but matters of taste. */
  strict: ({ severity, matterOfTaste }) => (matterOfTaste === true ? 'off' : severity),
  'pss-baseline': ({ podSecurity }) => (podSecurity === 'baseline' ? 'error' : 'off'),
  'pss-restricted': ({ podSecurity }) => (podSecurity === undefined ? 'off' : 'error'),
  'kube-linter': like('kube-linter'),
  'kube-score': like('kube-score'),
  none: () => 'off',
};

export function isPreset(text: string): text is Preset {
  return Object.hasOwn(presets, text);
}
