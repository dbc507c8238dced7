/** Rules of a project's own, and what happens when they are wrong. */
import { describe, expect, it } from 'vitest';
import type { LintConfig } from '../../src/lint/config.ts';
import { ConfigError } from '../../src/lint/config.ts';
import { checkedConfig } from '../../src/lint/config-schema.ts';
import { lint } from '../../src/lint/index.ts';
import { deploymentExample, documents, podExample } from '../../src/lint/rules/example.ts';
import { withinTime } from '../../src/lint/time-limit.ts';
import type { UserRule } from '../../src/lint/user-rule.ts';

function found(rule: UserRule, text: string, config: LintConfig = {}): readonly string[] {
  const all = lint(text, { config: { extends: 'none', customRules: [rule], ...config } });
  return all.map(
    ({ range, severity, rule: id, path, message }) => `${range.start.line} ${severity} ${id} ${path}: ${message}`,
  );
}

const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels:\n    team: web\n';

describe('functions', () => {
  it('find by paths as text or as steps, for a trait', () => {
    const rule: UserRule = {
      id: 'custom/shell',
      severity: 'error',
      trait: 'pods',
      *check({ pod }) {
        for (const { container, at } of pod?.containers ?? []) {
          if (container.command?.[0] === 'sh') yield { path: at('command', 0), message: 'no shell' };
        }
        if (pod?.spec.hostNetwork === true) yield { path: 'spec.template.spec.hostNetwork', message: 'not here' };
      },
    };
    const text = deploymentExample({ container: 'command: [sh]', spec: 'hostNetwork: true' });
    expect(found(rule, documents(settings, text))).toEqual([
      '21 error custom/shell spec.template.spec.hostNetwork: not here',
      '25 error custom/shell spec.template.spec.containers[0].command[0]: no shell',
    ]);
  });

  it('know what stands around when they ask', () => {
    const rule: UserRule = {
      id: 'custom/alone',
      kinds: ['ConfigMap'],
      looksAround: true,
      check: (_, around) =>
        around.everywhere('', 'ConfigMap').length > 1 ? [{ path: 'metadata.name', message: 'not alone' }] : [],
    };
    expect(found(rule, settings)).toEqual([]);
    expect(found(rule, documents(settings, settings.replace('name: settings', 'name: other')))).toHaveLength(2);
  });

  it('take options and severities from the configuration', () => {
    const rule: UserRule = {
      id: 'custom/team',
      options: { team: 'web' },
      check: ({ object }, _, { team }) =>
        object.metadata.labels?.['team'] === team
          ? []
          : [{ path: 'metadata.labels.team', message: `not ${String(team)}` }],
    };
    expect(found(rule, settings)).toEqual([]);
    const rules: LintConfig['rules'] = { 'custom/team': { severity: 'info', options: { team: 'shop' } } };
    expect(found(rule, settings, { rules })).toEqual(['6 info custom/team metadata.labels.team: not shop']);
    expect(found(rule, settings, { rules: { 'custom/team': 'off' } })).toEqual([]);
  });

  it.each([
    [
      'throw',
      () => {
        throw new Error('oops');
      },
      'oops',
    ],
    [
      'read what is not there',
      ({ pod }: { pod: { spec: unknown } }) => [{ path: [], message: String(pod.spec) }],
      'undefined',
    ],
    [
      'never end',
      () => {
        for (;;);
      },
      'it did not end within 2 s; is there an endless loop?',
    ],
    ['find nonsense', () => [{ path: 7, message: '' }], 'what it finds has to have a path and a message'],
    ['answer nonsense', () => 7, 'is not iterable'],
  ])(
    'that %s cost themselves only, and are named',
    (_, check, message) => {
      const rule: UserRule = { id: 'custom/broken', ...{ check: check as never } };
      const [first, ...rest] = found(rule, settings, { rules: { 'style/namespace-missing': 'info' } });
      expect(first).toContain('warning rule-failed : the rule custom/broken failed on this object: ');
      expect(first).toContain(message);
      expect(rest).toEqual([expect.stringContaining('style/namespace-missing')]);
    },
    15_000,
  );

  it('may look at the text', () => {
    const rule: UserRule = {
      id: 'custom/tabs',
      *checkText(text) {
        const start = text.indexOf('team');
        if (start >= 0) yield { start, end: start + 4, message: 'a team' };
      },
    };
    expect(found(rule, `${settings}---\n${settings.replace('settings', 'other')}`)).toEqual([
      '6 warning custom/tabs : a team',
      '13 warning custom/tabs : a team',
    ]);
  });
});

describe('JSON Schema', () => {
  it('is about objects, pods or containers', () => {
    const rule: UserRule = {
      id: 'custom/requests',
      at: 'container',
      schema: { required: ['resources'], properties: { imagePullPolicy: { const: 'Always' } } },
    };
    expect(found(rule, podExample({ container: 'imagePullPolicy: Never' }))).toEqual([
      "7 warning custom/requests spec.containers[0]: must have required property 'resources'",
      '9 warning custom/requests spec.containers[0].imagePullPolicy: must be equal to constant',
    ]);
    const pod: UserRule = { id: 'custom/dns', at: 'pod', schema: { required: ['dnsPolicy'] }, message: 'say how' };
    expect(found(pod, deploymentExample())).toEqual(['13 warning custom/dns spec.template.spec: say how']);
  });
});

describe('CEL', () => {
  it('is true where all is well', () => {
    const rule: UserRule = {
      id: 'custom/team',
      kinds: ['ConfigMap'],
      cel: "has(object.metadata.labels) && object.metadata.labels.team in ['shop', 'pay']",
      path: 'metadata.labels.team',
      message: 'the team is not known',
    };
    expect(found(rule, settings)).toEqual(['6 warning custom/team metadata.labels.team: the team is not known']);
    expect(found(rule, settings.replace('team: web', 'team: shop'))).toEqual([]);
    expect(found(rule, podExample({}))).toEqual([]);
  });

  it('is about pods and containers, with a message of its own', () => {
    const rule: UserRule = {
      id: 'custom/registry',
      severity: 'error',
      at: 'container',
      path: 'image',
      cel: {
        expression: "self.image.startsWith('registry.internal/')",
        messageExpression: "'container ' + self.name + ' of ' + object.metadata.name + ' comes from elsewhere'",
      },
    };
    expect(found(rule, deploymentExample())).toEqual([
      '16 error custom/registry spec.template.spec.containers[0].image: container web of web comes from elsewhere',
    ]);
  });

  it('without an answer is named', () => {
    const rule: UserRule = { id: 'custom/absent', cel: "object.spec.nothing == 'a'" };
    expect(found(rule, settings)[0]).toMatch(
      /^\d+ warning rule-failed : the rule custom\/absent failed on this object: /,
    );
    const number: UserRule = { id: 'custom/number', cel: '1 + 1' };
    expect(found(number, settings)[0]).toContain('its expression does not say true or false');
  });

  it('that cannot be read is a mistake of the configuration', () => {
    expect(() => found({ id: 'custom/syntax', cel: 'self.' }, settings)).toThrow(ConfigError);
    expect(() => found({ id: 'custom/syntax', cel: 'self.' }, settings)).toThrow(
      'the expression of the rule custom/syntax: ',
    );
    expect(() => found({ id: 'custom/name', cel: 'request.a' }, settings)).toThrow(
      'the expression of the rule custom/name: ',
    );
  });
});

describe('the configuration', () => {
  const complaint = (config: unknown): string => {
    try {
      checkedConfig(config);
      return '';
    } catch (error) {
      return error instanceof ConfigError ? error.message : String(error);
    }
  };
  it.each([
    [{ ruls: {} }, 'there is no setting ruls; did you mean rules?'],
    [
      { extends: 'recomended' },
      'extends must be one of recommended, strict, pss-baseline, pss-restricted, kube-linter, kube-score, none, not "recomended"; did you mean recommended?',
    ],
    [{ extends: ['strict', 'pss'] }, 'extends[1] must be one of'],
    [
      { rules: { 'images/latest': 'fatal' } },
      'rules["images/latest"] must be one of error, warning, info, off, not "fatal"',
    ],
    [
      { rules: { 'images/latest': { sevrity: 'off' } } },
      'there is no setting sevrity in rules["images/latest"]; did you mean severity?',
    ],
    [{ overrides: [{ files: '*.yaml', rules: {} }] }, 'overrides[0].files must be array'],
    [{ overrides: [{ files: ['*.yaml'] }] }, 'rules is missing in overrides[0]'],
    [{ externalRefs: [{ kind: 'Secret' }] }, 'name is missing in externalRefs[0]'],
    [
      { kubernetesVersion: '1.2' },
      'kubernetesVersion must be one of 1.30, 1.31, 1.32, 1.33, 1.34, 1.35, 1.36, not "1.2"',
    ],
    [
      { customRules: [{ id: 'team', check: () => [] }] },
      'customRules[0].id must be a category, a slash and a name, as in custom/team-label, not "team"',
    ],
    [{ customRules: [{ id: 'custom/a', check: 'no' }] }, 'customRules[0].check must be a function'],
    [
      { customRules: [{ id: 'custom/a', cel: 'true', trait: 'pod' }] },
      'customRules[0].trait must be one of pods, replicas, namespaced, cluster-scoped, not "pod"; did you mean pods?',
    ],
    [undefined, 'the default export must be object'],
    [[], 'the default export must be object'],
    [{ rules: {}, kubernetesVersion: 'v1.33', extends: ['strict', 'none'], ignore: ['a'], base: 'main' }, ''],
  ])('%j', (config, message) => {
    if (message === '') expect(complaint(config)).toBe('');
    else expect(complaint(config)).toContain(message);
  });

  it('has one way per rule, and no id twice', () => {
    expect(() => found({ id: 'custom/none' }, settings)).toThrow(
      'needs exactly one of check, checkText, schema and cel',
    );
    expect(() => found({ id: 'images/latest', cel: 'true' }, settings)).toThrow(
      'there is a rule images/latest already',
    );
    expect(() =>
      found({ id: 'custom/a', cel: 'true' }, settings, { rules: { 'mismatching-selector': 'off' } }),
    ).toThrow('mismatching-selector is no rule: Kubernetes itself refuses or warns of it');
  });
});

describe('a time limit', () => {
  it('ends what does not end, also within another', () => {
    let done = 0;
    expect(() =>
      withinTime(5_000, () => {
        expect(() =>
          withinTime(50, () => {
            for (;;);
          }),
        ).toThrow('did not end within 0.05 s');
        done += 1;
      }),
    ).not.toThrow();
    expect(done).toBe(1);
  });
});
