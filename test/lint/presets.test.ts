/** What each preset holds. */
import { describe, expect, it } from 'vitest';
import { RuleSettings } from '../../src/lint/config.ts';
import type { LintConfig } from '../../src/lint/config.ts';
import { defaultChecks, isSaidByKubernetes } from '../../src/lint/other-tools.ts';
import { presets } from '../../src/lint/presets.ts';
import { podExample } from '../../src/lint/rules/example.ts';
import { rules } from '../../src/lint/rules/index.ts';
import { Workspace } from '../../src/lint/workspace.ts';

function found(text: string, config: LintConfig): readonly string[] {
  const workspace = new Workspace({ config });
  workspace.setFile('a.yaml', text);
  return workspace.diagnostics('a.yaml').map(({ rule, severity }) => `${severity} ${rule}`);
}

const pod = podExample({ image: 'web:latest', container: 'securityContext: {privileged: true}' });

describe('names of other tools', () => {
  it.each(['kube-linter', 'kube-score'] as const)('%s: every check that is on there is a rule here', (tool) => {
    const aliases = new Set(rules.flatMap(({ aliases: names = [] }) => names));
    expect([...defaultChecks[tool]].filter((name) => !aliases.has(name))).toEqual([]);
  });

  it('are those of real checks, written alike', () => {
    const aliases = rules.flatMap(({ aliases: names = [] }) => names);
    expect(aliases.filter((name) => !/^(?:kube-linter|kube-score):[a-z0-9-]+$/.test(name))).toEqual([]);
    expect(aliases.filter((name) => isSaidByKubernetes(name))).toEqual([]);
  });

  it('set rules in a configuration, with the tool in front or without', () => {
    for (const name of ['latest-tag', 'kube-linter:latest-tag', 'container-image-tag', 'images/latest', 'images/*']) {
      expect(found(pod, { extends: 'none', rules: { [name]: 'error' } }), name).toContain('error images/latest');
      expect(found(pod, { rules: { [name]: 'off' } }), name).not.toContain('warning images/latest');
    }
  });
});

describe('presets', () => {
  it('kube-linter and kube-score complain of what those do, as warnings', () => {
    const linter = found(pod, { extends: 'kube-linter' });
    expect(linter).toEqual(
      expect.arrayContaining([
        'warning security/privileged',
        'warning images/latest',
        'warning security/run-as-non-root',
        'warning security/net-raw',
        'warning resources/cpu-request',
      ]),
    );
    expect(linter).not.toContain('warning reliability/naked-pod');
    const score = found(pod, { extends: 'kube-score' });
    expect(score).toEqual(expect.arrayContaining(['warning security/privileged', 'info images/pull-policy']));
    expect(score).not.toContain('warning security/net-raw');
  });

  it('add to each other, later ones win', () => {
    expect(found(pod, { extends: ['recommended', 'pss-baseline'] })).toEqual(
      expect.arrayContaining(['error security/privileged', 'warning images/latest']),
    );
    expect(found(pod, { extends: ['pss-baseline', 'recommended'] })).toContain('warning security/privileged');
  });

  it('strict has every rule but matters of taste', () => {
    const settings = new RuleSettings(rules, { extends: 'strict' });
    expect(rules.filter((rule) => !settings.isActive(rule)).map(({ id }) => id)).toEqual(
      rules.filter(({ matterOfTaste }) => matterOfTaste === true).map(({ id }) => id),
    );
  });

  it.each(['recommended', 'kube-linter', 'kube-score'] as const)('%s has errors only for what cannot work', (name) => {
    const errors = rules.filter((rule) => presets[name](rule) === 'error');
    expect(errors.filter(({ certain }) => certain !== true)).toEqual([]);
  });
});
