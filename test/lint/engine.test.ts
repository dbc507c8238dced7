/** The workspace: what is kept, what is thrown away, what an edit means to others; fixes, suppressions and settings. */
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/lint/config.ts';
import type { LintConfig } from '../../src/lint/config.ts';
import { splitDocuments } from '../../src/lint/document.ts';
import { applyEdits } from '../../src/lint/fixes.ts';
import { defineConfig, lint, schemaRule } from '../../src/lint/index.ts';
import type { LintRule } from '../../src/lint/rule.ts';
import { Workspace } from '../../src/lint/workspace.ts';

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {a: b}\n';
const user =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - name: web\n      image: a:1\n      env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: a}}}]\n';

function rules(workspace: Workspace, file: string): readonly string[] {
  return workspace.diagnostics(file).map(({ rule, range }) => `${range.start.line} ${rule}`);
}

function only(...ids: readonly string[]): LintConfig {
  return { extends: 'none', rules: Object.fromEntries(ids.map((id) => [id, 'warning'])) };
}

describe('splitting', () => {
  it('keeps every character and counts lines', () => {
    const text = '# a\r\n---\r\nb: 1\n--- # c\nd: |\n  ---\n---x: 1\n...\n---';
    const pieces = splitDocuments(text);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.map(({ line }) => line)).toEqual([0, 1, 3, 8]);
  });
});

describe('a workspace', () => {
  it('sees what an edit of one file means to another', () => {
    const workspace = new Workspace({ config: only('reference/config-map', 'reference/config-key') });
    workspace.setFile('pod.yaml', user);
    expect(rules(workspace, 'pod.yaml')).toEqual(['8 reference/config-map']);
    workspace.setFile('conf.yaml', configMap);
    expect(rules(workspace, 'pod.yaml')).toEqual([]);
    workspace.setFile('conf.yaml', configMap.replace('a: b', 'c: b'));
    expect(rules(workspace, 'pod.yaml')).toEqual(['8 reference/config-key']);
    workspace.removeFile('conf.yaml');
    expect(rules(workspace, 'pod.yaml')).toEqual(['8 reference/config-map']);
  });

  it('believes what is said to exist elsewhere', () => {
    const config = { ...only('reference/config-map'), externalRefs: [{ kind: 'ConfigMap', name: 'co*' }] };
    const workspace = new Workspace({ config });
    workspace.setFile('pod.yaml', user);
    expect(rules(workspace, 'pod.yaml')).toEqual([]);
  });

  it('gives the same findings after an edit as anew', () => {
    const texts = [
      configMap,
      user,
      user.replace('name: p}', 'name: q}'),
      'apiVersion: v1\nkind: Pod\nmetadata: {name: r}\nspec: {}\n',
    ];
    const edited = new Workspace();
    edited.setFile('a.yaml', texts.join('---\n'));
    edited.diagnostics('a.yaml');
    for (const change of [
      (text: string) => text.replace('a:1', 'a:latest'),
      (text: string) => `# first\n${text}`,
      (text: string) => text.replace('---\n', ''),
      (text: string) => text.replace('key: a', 'key: b'),
    ]) {
      const next = change(edited.file('a.yaml')?.text ?? '');
      edited.setFile('a.yaml', next);
      const anew = new Workspace();
      anew.setFile('a.yaml', next);
      const plain = (workspace: Workspace): unknown =>
        workspace.diagnostics('a.yaml').map(({ fix, ...rest }) => ({ ...rest, fix: fix?.edits() }));
      expect(plain(edited)).toEqual(plain(anew));
    }
  });

  it('learns kinds from definitions, and forgets them', () => {
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Widget, plural: widgets}\n  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}}]\n';
    const workspace = new Workspace();
    workspace.setFile('w.yaml', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: big}\n');
    expect(rules(workspace, 'w.yaml')).toEqual(['2 unchecked']);
    workspace.setFile('crd.yaml', definition);
    expect(rules(workspace, 'w.yaml')).toEqual(['4 type']);
    workspace.removeFile('crd.yaml');
    expect(rules(workspace, 'w.yaml')).toEqual(['2 unchecked']);
  });

  it('lets a rule that throws cost itself only', () => {
    const broken: LintRule = {
      id: 'custom/broken',
      severity: 'error',
      recommended: true,
      summary: '',
      why: '',
      bad: '',
      good: '',
      appliesTo: () => true,
      check() {
        throw new Error('oh');
      },
    };
    const workspace = new Workspace({ config: { ...only('images/latest'), customRules: [broken] } });
    workspace.setFile('a.yaml', user.replace('a:1', 'a:latest'));
    expect(rules(workspace, 'a.yaml').toSorted()).toEqual(['1 rule-failed', '7 images/latest']);
  });
});

describe('settings', () => {
  it('know other tools’ names, categories and overrides', () => {
    const config = defineConfig({
      extends: 'none',
      rules: { 'kube-linter:latest-tag': 'error', 'security/*': 'info' },
      overrides: [{ files: ['test/**'], rules: { 'images/latest': 'off' } }],
    });
    const text = user.replace('a:1', 'a:latest');
    const severities = (file: string): readonly string[] =>
      lint(text, { config, file }).map(({ severity }) => severity);
    expect(severities('a.yaml')).toContain('error');
    expect(severities('test/deep/a.yaml')).not.toContain('error');
    expect(severities('test/deep/a.yaml')).toContain('info');
  });

  it.each([
    [{ rules: { 'images/lates': 'off' as const } }, 'did you mean images/latest?'],
    [{ overrides: [{ rules: { nothing: 'off' as const } }] }, 'there is no rule nothing'],
  ])('refuse what there is not: %j', (config, message) => {
    expect(() => new Workspace({ config })).toThrow(ConfigError);
    expect(() => new Workspace({ config })).toThrow(message);
  });
});

describe('rules of one’s own', () => {
  it('may be JSON Schema', () => {
    const rule = schemaRule({
      id: 'custom/team',
      severity: 'error',
      kinds: ['Pod'],
      schema: { properties: { spec: { properties: { containers: { items: { required: ['resources'] } } } } } },
      message: 'say what it needs',
    });
    const found = lint(user, { config: { extends: 'none', customRules: [rule] } });
    expect(found.map(({ rule: id, path, range, message }) => [id, path, range.start.line, message])).toEqual([
      ['custom/team', 'spec.containers[0]', 6, 'say what it needs'],
    ]);
    expect(() => schemaRule({ id: 'custom/x', schema: { type: 'nothing' } })).toThrow(ConfigError);
  });
});

describe('fixes', () => {
  const heal = (text: string): string => {
    const groups = lint(text, { config: { extends: 'none' } }).flatMap(({ fix }) => {
      const edits = fix?.edits();
      return edits ? [edits] : [];
    });
    return applyEdits(text, groups).text;
  };
  it.each([
    ['data: {a: 8080, b: yes}', 'data: {a: "8080", b: "yes"}'],
    ['immutable: "true"', 'immutable: true'],
    ['daat: {a: b}', 'data: {a: b}'],
  ])('%s', (wrong, right) => {
    const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
    expect(heal(`${head}${wrong}\n`)).toBe(`${head}${right}\n`);
  });
  it('change kinds and versions', () => {
    expect(heal('apiVersion: apps/v1beta2\nkind: Deployment\nmetadata: {name: a}\n')).toContain(
      'apiVersion: apps/v1\n',
    );
    expect(heal('apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: a}\n')).toContain('kind: Deployment\n');
  });
  it('leave line ends, comments and indentation alone', () => {
    const text =
      'apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\nspec:\r\n    serviceAccount: b # old\r\n    containers: [{name: a, image: "a:1"}]\r\n';
    const config = only('deprecation/service-account-field');
    const groups = lint(text, { config }).flatMap(({ fix }) => [fix?.edits() ?? []]);
    const fixed = applyEdits(text, groups).text;
    expect(fixed).toContain('    serviceAccountName: b # old\r\n');
    expect(fixed.replaceAll('\r\n', '')).not.toContain('\n');
  });
});

describe('suppressions', () => {
  const config = only('security/host-pid', 'images/latest');
  const text = (before: string, after = ''): string =>
    `apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n${after}spec:\n${before}  hostPID: true\n  containers: [{name: a, image: "a:1"}]\n`;
  it.each([
    ['  # kubewright-disable-next-line security/host-pid -- needed\n', '', []],
    ['  # kubewright-disable-next-line kube-linter:host-pid\n', '', []],
    ['  # kubewright-disable-next-line\n', '', []],
    ['  # kubewright-disable security/*\n', '', []],
    ['  # kubewright-disable-file security/host-pid\n', '', []],
    ['', '  annotations: {kubewright.dev/disable: security/host-pid}\n', []],
    ['', '  annotations: {ignore-check.kube-linter.io/host-pid: why}\n', []],
    ['  # kubewright-disable-next-line images/latest\n', '', ['6 unused-suppression', '7 security/host-pid']],
    ['', '  annotations: {kubewright.dev/disable: images/latest}\n', ['5 unused-suppression', '7 security/host-pid']],
    ['  # kubewright-disable-next-line rbac/wildcard\n', '', ['7 security/host-pid']],
  ])('%j %j', (before, after, expected) => {
    const workspace = new Workspace({ config });
    workspace.setFile('a.yaml', text(before, after));
    expect(rules(workspace, 'a.yaml')).toEqual(expected);
  });
});

describe('the library', () => {
  it('lints objects', () => {
    const found = lint([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'A' }, dat: {} }]);
    expect(found.map(({ rule, path }) => `${rule} ${path}`)).toEqual([
      'unknown-field dat',
      'field-value-invalid metadata.name',
    ]);
  });
});
