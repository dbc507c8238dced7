/** What authors say about single findings, in the places where that is hard. */
import { describe, expect, it } from 'vitest';
import { baselineText, beyondBaseline, readBaseline } from '../../src/lint/baseline.ts';
import type { LintConfig } from '../../src/lint/config.ts';
import { podExample } from '../../src/lint/rules/example.ts';
import { Workspace } from '../../src/lint/workspace.ts';

const only: LintConfig = { extends: 'none', rules: { 'security/host-pid': 'warning', 'images/latest': 'warning' } };

function found(text: string, config: LintConfig = only, path = 'a.yaml'): readonly string[] {
  const workspace = new Workspace({ config });
  workspace.setFile(path, text);
  return workspace.diagnostics(path).map(({ range, rule }) => `${range.start.line} ${rule}`);
}

function pod(name: string, line = ''): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n${line}  hostPID: true\n  containers: [{name: a, image: "a:1"}]\n`;
}

describe('comments', () => {
  it('in a file of several documents are about their own', () => {
    const text = `${pod('a', '  # kubewright-disable security/host-pid\n')}---\n${pod('b')}---\n${pod('c', '  # kubewright-disable\n')}`;
    expect(found(text)).toEqual(['13 security/host-pid']);
  });

  it('above the marker are about the document below it', () => {
    expect(found(`# licence\n# kubewright-disable security/host-pid -- old\n---\n${pod('a')}`)).toEqual([]);
    expect(found(`# kubewright-disable security/host-pid\n---\n${pod('a')}---\n${pod('b')}`)).toEqual([
      '14 security/host-pid',
    ]);
    expect(found(`# kubewright-disable images/latest\n---\n${pod('a')}`)).toEqual([
      '1 unused-suppression',
      '7 security/host-pid',
    ]);
  });

  it('for the file may stand anywhere in it, and are told of once when they are unused', () => {
    const text = `${pod('a')}---\n${pod('b')}# kubewright-disable-file security/host-pid\n`;
    expect(found(text)).toEqual([]);
    expect(found(`# kubewright-disable-file images/latest\n${pod('a')}---\n${pod('b')}`)).toEqual([
      '1 unused-suppression',
      '6 security/host-pid',
      '13 security/host-pid',
    ]);
  });

  it('are none inside of scalars', () => {
    const config = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  run.sh: |
    # kubewright-disable-file
    # kubewright-disable-next-line
    echo hello
  folded: >-
    some # kubewright-disable
  quoted: "# kubewright-disable-line"
  plain: a# kubewright-disable
---
${pod('a')}`;
    expect(found(config)).toEqual(['18 security/host-pid']);
  });

  it('beside a block scalar silence what is found in it', () => {
    const rules: LintConfig = { extends: 'none', rules: { 'security/configmap-secret': 'warning' } };
    const text = (comment: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${comment}  password: |\n    hunter2secret\n    more\n`;
    expect(found(text(''), rules)).toEqual(['5 security/configmap-secret']);
    expect(found(text('  # kubewright-disable-next-line security/configmap-secret\n'), rules)).toEqual([]);
    expect(
      found(text('').replace('password: |', 'password: | # kubewright-disable-line security/configmap-secret'), rules),
    ).toEqual([]);
  });

  it('know several names, reasons, line ends and indentation', () => {
    const line = '  # kubewright-disable-next-line images/latest, security/host-pid -- because # of this\n';
    expect(found(pod('a', line).replaceAll('\n', '\r\n'))).toEqual([]);
    expect(found(`\ufeff${pod('a', line)}`)).toEqual([]);
    expect(
      found(pod('a').replace('hostPID: true', 'hostPID: true   # why # kubewright-disable-line security/host-pid')),
    ).toEqual([]);
    expect(found(pod('a', '  # kubewright-disable-next-lines security/host-pid\n'))).toEqual(['6 security/host-pid']);
  });

  it('do not silence text that cannot be read', () => {
    expect(found('# kubewright-disable\na: [\n').map((text) => text.split(' ')[1])).toEqual([
      'unused-suppression',
      'syntax',
    ]);
  });

  it('that name no rule are told of', () => {
    expect(found(pod('a', '  # kubewright-disable-next-line security/host-pids\n'))).toEqual([
      '5 unused-suppression',
      '6 security/host-pid',
    ]);
  });
});

describe('annotations', () => {
  const annotated = (key: string, value: string): string =>
    pod('a').replace('{name: a}', `{name: a, annotations: {${key}: ${JSON.stringify(value)}}}`);
  it.each([
    ['kubewright.dev/disable', 'security/host-pid', []],
    ['kubewright.dev/disable', 'images/latest, security/host-pid', []],
    ['kubewright.dev/disable', '*', []],
    ['kubewright.dev/disable', 'images/latest', ['3 unused-suppression', '5 security/host-pid']],
    ['ignore-check.kube-linter.io/host-pid', 'we need it', []],
    ['ignore-check.kube-linter.io/latest-tag', 'we need it', ['5 security/host-pid']],
    ['kube-linter.io/ignore-all', 'old', []],
    ['kube-score/ignore', 'container-image-tag', ['5 security/host-pid']],
  ])('%s: %s', (key, value, expected) => {
    expect(found(annotated(key, value))).toEqual(expected);
  });

  it('of kube-score name its checks', () => {
    const config: LintConfig = { extends: 'none', rules: { 'images/latest': 'warning' } };
    const text = podExample({
      image: 'web:latest',
      metadata: 'annotations:\n  kube-score/ignore: service-type,container-image-tag',
    });
    expect(found(text, config)).toEqual([]);
  });

  it('are the way in JSON, beside the configuration', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a' },
      spec: { hostPID: true, containers: [{ name: 'a', image: 'a:1' }] },
    };
    const json = JSON.stringify(object, undefined, 2);
    expect(found(json, only, 'a.json')).toEqual(['8 security/host-pid']);
    const quiet = {
      ...object,
      metadata: { name: 'a', annotations: { 'kubewright.dev/disable': 'security/host-pid' } },
    };
    expect(found(JSON.stringify(quiet), only, 'a.json')).toEqual([]);
    const overrides = [{ files: ['*.json'], kinds: ['Pod'], names: ['a'], rules: { 'security/*': 'off' as const } }];
    expect(found(json, { ...only, overrides }, 'k8s/a.json')).toEqual([]);
    expect(found(json.replace('"name": "a"', '"name": "b"'), { ...only, overrides }, 'k8s/a.json')).toEqual([
      '8 security/host-pid',
    ]);
  });
});

describe('the configuration', () => {
  const reference = podExample({ spec: 'serviceAccountName: shared' });
  const rules: LintConfig = { extends: 'none', rules: { 'reference/service-account': 'warning' } };

  it('says what lives elsewhere, by name or pattern, in a namespace or all', () => {
    const external = (...externalRefs: NonNullable<LintConfig['externalRefs']>): readonly string[] =>
      found(reference.replace('name: web\n', 'name: web\n  namespace: shop\n'), { ...rules, externalRefs });
    const told = external();
    expect(told).toHaveLength(1);
    expect(external({ kind: 'ServiceAccount', name: 'shared' })).toEqual([]);
    expect(external({ kind: 'ServiceAccount', name: 'sh*' })).toEqual([]);
    expect(external({ kind: 'ServiceAccount', name: 'shared', namespace: 'shop' })).toEqual([]);
    expect(external({ kind: 'ServiceAccount', name: 'shared', namespace: 'other' })).toEqual(told);
    expect(external({ kind: 'Secret', name: 'shared' })).toEqual(told);
  });

  it('leaves files out', () => {
    expect(found(pod('a'), { ...only, ignore: ['generated/**'] }, 'k8s/generated/a.yaml')).toEqual([]);
    expect(found(pod('a'), { ...only, ignore: ['generated/**'] }, 'k8s/a.yaml')).toHaveLength(1);
  });
});

describe('the baseline', () => {
  const diagnostics = (text: string) => {
    const workspace = new Workspace({ config: only });
    workspace.setFile('a.yaml', text);
    return workspace.diagnostics('a.yaml');
  };
  it('holds what was there, wherever it has moved, and nothing that is new', () => {
    const baseline = readBaseline(baselineText(diagnostics(`${pod('a')}---\n${pod('b')}`)));
    expect(beyondBaseline(diagnostics(`# moved\n${pod('b')}---\n${pod('a')}`), baseline)).toEqual([]);
    const more = diagnostics(`${pod('a')}---\n${pod('c')}`);
    expect(beyondBaseline(more, baseline).map(({ object }) => object)).toEqual(['Pod c']);
    const worse = diagnostics(pod('a').replace('a:1', 'a:latest'));
    expect(beyondBaseline(worse, baseline).map(({ rule }) => rule)).toEqual(['images/latest']);
  });

  it('of another form is refused', () => {
    expect(() => readBaseline('{}')).toThrow('this is no baseline of version 1');
    expect(() => readBaseline('nothing')).toThrow();
  });
});
