import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubewright, writeFiles } from '../support/built-cli.ts';
import type { Outcome } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const good = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n';
const bad =
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: bad\nspec:\n  type: ClusterIp\n  prots: []\n  ports: [{port: 80}]\n';
const custom = 'apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: c}\n';

async function lint(
  files: Readonly<Record<string, string | Uint8Array>>,
  words: readonly string[],
  input = '',
): Promise<Outcome & { readonly folder: string }> {
  const folder = temporaryDirectory();
  writeFiles(folder, files);
  return { ...(await kubewright(folder, ['lint', ...words], input)), folder };
}

describe('kubewright lint', () => {
  it('prints findings and a summary as JSON', async () => {
    const { code, stdout } = await lint({ 'a.yaml': `${good}---\n${bad}---\n${custom}` }, [
      'a.yaml',
      '--format',
      'json',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      findings: [
        {
          file: 'a.yaml',
          line: 11,
          column: 9,
          endLine: 11,
          endColumn: 18,
          path: 'spec.type',
          rule: 'field-value-not-supported',
          layer: 'api',
          severity: 'error',
          message:
            'Service bad: spec.type: Unsupported value: "ClusterIp": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        },
        {
          file: 'a.yaml',
          line: 12,
          column: 3,
          endLine: 12,
          endColumn: 8,
          path: 'spec.prots',
          rule: 'unknown-field',
          layer: 'structure',
          severity: 'error',
          message: 'Service bad: spec.prots: unknown field; did you mean ports?',
        },
        {
          file: 'a.yaml',
          line: 16,
          column: 7,
          endLine: 16,
          endColumn: 15,
          path: 'kind',
          rule: 'unchecked',
          layer: 'identity',
          severity: 'info',
          message: 'Anything c: kind: example.com/v1 Anything is no built-in kind and was not checked',
        },
      ].map((finding) => expect.objectContaining(finding)),
      summary: { documents: 3, checked: 2, unchecked: 1, errors: 2, warnings: 0, infos: 1 },
    });
  });

  it('reads programs, folders, globs and the standard input, each file once', async () => {
    const files = {
      'k8s/a.yaml': good,
      'k8s/deep/b.json': JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }),
      'k8s/tsconfig.json': '{ // comments\n "a": 1, }',
      'k8s/values.yaml': 'image: {{ image }}\n',
      'k8s/node_modules/x/bad.yaml': bad,
      'app.ts':
        "import { configMap } from 'kubewright';\nexport default configMap({ metadata: { name: 'of-program' } });",
    };
    const words = ['app.ts', 'k8s', 'k8s/**/*.{yaml,json}', '-', '--format', 'json'];
    const { code, stdout } = await lint(files, words, good.replace('good', 'of-input'));
    expect(JSON.parse(stdout)).toEqual({
      findings: [],
      summary: { documents: 4, checked: 4, unchecked: 0, errors: 0, warnings: 0, infos: 0 },
    });
    expect(code).toBe(0);
  });

  it('leaves out what the repository leaves out, unless it is named', async () => {
    const files = {
      '.gitignore': '# made\n/out/\n*.tmp.yaml\n!keep.tmp.yaml\n',
      'out/bad.yaml': bad,
      'k8s/a.tmp.yaml': bad,
      'k8s/keep.tmp.yaml': good,
      'k8s/inner/.gitignore': 'b*.yaml\n',
      'k8s/inner/bad.yaml': bad,
      'k8s/inner/out/ok.yaml': good.replace('good', 'other'),
    };
    const { stdout, folder } = await lint(files, ['.']);
    expect(stdout).toBe('2 objects: 0 errors, 0 warnings\n');
    const named = await kubewright(folder, ['lint', 'out/bad.yaml']);
    expect(named.code).toBe(1);
  });

  it('gives findings of programs the place in the TypeScript', async () => {
    const program =
      "import { configMap } from 'kubewright';\nexport default configMap({\n  metadata: { name: 'a' },\n  dat: {},\n} as never);";
    const { stdout } = await lint({ 'app.ts': program }, ['app.ts', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ file: 'app.ts', line: 4, column: 3, endLine: 4, endColumn: 6, path: 'dat', layer: 'structure' }],
      summary: { documents: 1, errors: 1 },
    });
  });

  it('expands lists and finds a second object of one name', async () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- ${good.replaceAll('\n', '\n  ')}\n- ${good.replaceAll('\n', '\n  ')}\n`;
    const { stdout } = await lint({ 'a.yaml': list }, ['a.yaml']);
    expect(stdout).toBe(
      'a.yaml:12:11: error: ConfigMap good: metadata.name: another ConfigMap with the name good stands further up [reference/duplicate-object]\n2 objects: 1 error, 0 warnings\n',
    );
  });
});

describe('rules', () => {
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  serviceAccount: web\n  containers: [{name: web, image: "a:latest"}]\n';
  const off = "rules: { 'security/*': 'off', 'resources/*': 'off', 'reliability/*': 'off', 'reference/*': 'off' }";

  it('tells both places of a key that stands twice, and goes on', async () => {
    const text = `${good}data: {a: b}\ndata: {c: 1}\n`;
    const { stdout } = await lint({ 'a.yaml': text }, ['a.yaml']);
    expect(stdout).toContain('a.yaml:6:1: error: "data" already stands in line 5 of this mapping');
    expect(stdout).toContain('a.yaml:6:11: error: ConfigMap good: data[c]: must be of type string: "number" [type]');
  });

  it('are set by the configuration, which may bring its own', async () => {
    const config = `import { defineConfig } from 'kubewright/lint';
      export default defineConfig({ ${off}, customRules: [{
        id: 'custom/team', severity: 'warning', recommended: true, summary: '', why: '', bad: '', good: '',
        appliesTo: () => true,
        *check({ object }) { if (!object.metadata.labels?.team) yield { path: ['metadata', 'labels'], message: 'no team' }; },
      }] });`;
    const { stdout, stderr } = await lint({ 'a.yaml': pod, 'kubewright.config.ts': config }, ['a.yaml']);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'a.yaml:3:1: warning: Pod p: metadata.labels: no team [custom/team]',
      'a.yaml:5:3: warning: Pod p: spec.serviceAccount: serviceAccount is deprecated; use serviceAccountName [deprecation/service-account-field]',
      'a.yaml:6:35: warning: Pod p: spec.containers[0].image: container web runs whatever latest is at the time [images/latest]',
      '1 object: 0 errors, 3 warnings',
      '',
    ]);
    const wrong = await lint(
      { 'a.yaml': pod, 'kubewright.config.ts': "export default { rules: { 'image/latest': 'off' } };" },
      ['a.yaml'],
    );
    expect(wrong).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('did you mean images/latest?'),
    });
  });

  it('are fixed where that is certain', async () => {
    const { folder, stderr } = await lint({ 'a.yaml': pod }, ['a.yaml', '--fix']);
    expect(stderr).toBe('1 finding was fixed\n');
    const text = readFileSync(join(folder, 'a.yaml'), 'utf8');
    expect(text).toContain('serviceAccountName: web');
    expect(text).not.toContain('serviceAccount: web');
  });

  it('leave alone what the baseline holds', async () => {
    const words = ['a.yaml', '--baseline', 'old.json'];
    const { folder, stdout } = await lint({ 'a.yaml': pod }, [...words, '--update-baseline']);
    expect(stdout).toBe('1 object: 0 errors, 0 warnings\n');
    writeFiles(folder, { 'a.yaml': `# moved\n${pod}  hostPID: true\n` });
    const after = await kubewright(folder, ['lint', ...words]);
    expect(after.stdout.split('\n')).toEqual([
      expect.stringContaining('[security/host-pid]'),
      '1 object: 0 errors, 1 warning',
      '',
    ]);
  });

  it('are silenced by comments and annotations, of which unused ones are told', async () => {
    const text = pod
      .replace('    image', '    image')
      .replace(
        '  serviceAccount',
        '  # kubewright-disable-next-line deprecation/service-account-field -- old\n  # kubewright-disable-next-line images/no-tag\n  serviceAccount',
      );
    const { stdout } = await lint({ 'a.yaml': text }, ['a.yaml']);
    expect(stdout).not.toContain('[deprecation/service-account-field]');
    expect(stdout).toContain('a.yaml:6:3: warning: nothing is suppressed here');
  });

  it('look at what stands around: patches, charts, kustomizations', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: [app.yaml]\nconfigMapGenerator: [{name: conf, literals: [a=b]}]\n',
      'base/app.yaml': `${good}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers: [{name: web, image: "a:1", envFrom: [{configMapRef: {name: conf}}]}]\n`,
      'prod/kustomization.yaml': 'resources: [../base]\npatches: [{path: more.yaml}]\n',
      'prod/more.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n',
      'chart/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
      'chart/templates/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n',
    };
    const { stdout } = await lint(files, ['.', '--format', 'json']);
    const report: { findings: { rule: string; severity: string; file: string }[]; summary: object } =
      JSON.parse(stdout);
    expect(
      report.findings.filter(({ severity, rule }) => severity === 'error' || rule.startsWith('reference/')),
    ).toEqual([]);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ file: 'chart/templates/a.yaml', rule: 'template', severity: 'info' }),
    );
    expect(report.findings.filter(({ file }) => file === 'prod/more.yaml')).toEqual([]);
    expect(report.summary).toMatchObject({ documents: 4, unchecked: 1 });
  });
});

describe('exit codes of lint', () => {
  const files = { 'good.yaml': good, 'bad.yaml': bad, 'custom.yaml': custom };
  it.each([
    [['good.yaml'], 0],
    [['bad.yaml'], 1],
    [['bad.yaml', '--fail-on', 'never'], 0],
    [['custom.yaml'], 0],
    [['custom.yaml', '--fail-on', 'warning'], 0],
    [['custom.yaml', '--fail-on', 'info'], 1],
    [['custom.yaml', '--strict-coverage'], 3],
    [['good.yaml', '--strict-coverage'], 0],
    [['good.yaml', '--kubernetes-version', '1.36'], 0],
    [['good.yaml', '--kubernetes-version', '1.29'], 2],
    [['good.yaml', '--fail-on', 'often'], 2],
    [['good.yaml', '--format', 'xml'], 2],
    [['good.yaml', '--format', 'constructor'], 2],
    [['good.yaml', '--output', 'nowhere/report'], 2],
    [['nowhere.yaml'], 2],
    [['nowhere/*.yaml'], 2],
    [['--unknown'], 2],
    [[], 2],
  ])('%s: %i', async (words, expected) => {
    const { code, stdout, stderr } = await lint(files, words);
    expect(code).toBe(expected);
    if (expected === 2) expect({ stdout, said: stderr !== '' }).toEqual({ stdout: '', said: true });
  });
});

describe('hostile files', () => {
  const bomb = Array.from(
    { length: 9 },
    (_, i) =>
      `k${i}: &a${i} [${
        i === 0
          ? 'x'
          : Array(9)
              .fill(`*a${i - 1}`)
              .join(',')
      }]`,
  );
  const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
    ['binary', Uint8Array.from([0, 1, 2, 3]), '1:1: error: the file is binary, no YAML or JSON [binary]'],
    ['bad UTF-8', Uint8Array.from([0x61, 0xff, 0xfe]), '1:1: error: the file is no valid UTF-8 [encoding]'],
    [
      '100 MB',
      new Uint8Array(100 * 1024 * 1024).fill(0x61),
      '1:1: error: the file has 100 MiB; files of more than 10 MiB are not read [too-large]',
    ],
    [
      'an alias bomb',
      `apiVersion: v1\nkind: ConfigMap\n${bomb.join('\n')}\n`,
      'error: document contains excessive aliasing [syntax]',
    ],
    ['deep flow nesting', '['.repeat(200_000), 'error: values are nested too deeply [syntax]'],
    [
      'deep block nesting',
      Array.from({ length: 1_400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'error: values are nested too deeply [syntax]',
    ],
    ['nothing', '', '1:1: error: the file is empty [empty]'],
    ['no manifest', 'a: 1\n', '1:1: error: this is no manifest: it has no apiVersion and no kind [no-manifest]'],
    ['a tab', 'a:\n\tb: 1\n', '2:1: error: Tabs are not allowed as indentation [syntax]'],
  ];
  it.each(cases)('%s ends in a finding that names the file', async (what, content, message) => {
    const { code, stdout, stderr } = await lint({ 'a.yaml': content }, ['a.yaml']);
    const [line = '', summary] = stdout.split('\n');
    expect(line.startsWith('a.yaml:')).toBe(true);
    expect(line.endsWith(message)).toBe(true);
    // What is no manifest at all is not counted; what may be one was not checked.
    const objects = ['nothing', 'no manifest'].includes(what) ? '0 objects' : '1 object (1 not checked)';
    expect({ code, summary, stderr }).toEqual({ code: 1, summary: `${objects}: 1 error, 0 warnings`, stderr: '' });
  });

  it('survives pipes, loops of links and links to nowhere', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'k8s/good.yaml': good });
    symlinkSync('.', join(folder, 'k8s/loop'));
    symlinkSync('nowhere', join(folder, 'k8s/dangling.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const { code, stdout } = await kubewright(folder, ['lint', 'k8s', 'pipe.yaml']);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^k8s\/dangling\.yaml:1:1: error: the file cannot be read: ENOENT/),
      'pipe.yaml:1:1: error: the file is no regular file [no-file]',
      '3 objects (2 not checked): 2 errors, 0 warnings',
      '',
    ]);
  });

  it('checks objects of wrong types without falling over', async () => {
    const text = [
      'apiVersion: v1\nkind: Pod\nmetadata: null\nspec: null',
      'apiVersion: v1\nkind: Pod\nmetadata: [1]',
      'apiVersion: v1\nkind: Pod\nmetadata: {name: 5, labels: [1]}\nspec: {containers: [null, 3], volumes: null}',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: null, selector: null}',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: __proto__}\ndata: {__proto__: "x", constructor: "y"}',
    ].join('\n---\n');
    const { code, stdout, stderr } = await lint({ 'a.yaml': text }, ['a.yaml', '--format', 'json']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ summary: { documents: 5, checked: 5 } });
  });
});

describe('report formats', () => {
  const files = { 'a b.yaml': bad };

  it('writes SARIF 2.1.0 with places and fingerprints', async () => {
    const { stdout, folder } = await lint(files, ['a b.yaml', '--format', 'sarif', '--output', 'r.sarif']);
    expect(stdout).toBe('');
    const log: unknown = JSON.parse(readFileSync(join(folder, 'r.sarif'), 'utf8'));
    const result = (rule: string, index: number, region: object): object => ({
      ruleId: rule,
      ruleIndex: index,
      level: 'error',
      message: { text: expect.any(String) },
      locations: [
        {
          physicalLocation: { artifactLocation: { uri: 'a%20b.yaml' }, region },
          logicalLocations: [{ fullyQualifiedName: expect.any(String) }],
        },
      ],
      fixes: [
        {
          description: { text: expect.any(String) },
          artifactChanges: [
            {
              artifactLocation: { uri: 'a%20b.yaml' },
              replacements: [
                {
                  deletedRegion: { charOffset: expect.any(Number), charLength: expect.any(Number) },
                  insertedContent: { text: expect.any(String) },
                },
              ],
            },
          ],
        },
      ],
      partialFingerprints: { 'kubewright/v1': expect.stringMatching(/^[0-9a-f]{32}$/) },
      properties: { layer: expect.any(String) },
    });
    expect(log).toEqual({
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'kubewright',
              version: expect.any(String),
              rules: [
                { id: 'field-value-not-supported', shortDescription: { text: expect.any(String) } },
                { id: 'unknown-field', shortDescription: { text: expect.any(String) } },
              ],
            },
          },
          columnKind: 'utf16CodeUnits',
          results: expect.arrayContaining([
            result('field-value-not-supported', 0, { startLine: 6, startColumn: 9, endLine: 6, endColumn: 18 }),
            result('unknown-field', 1, { startLine: 7, startColumn: 3, endLine: 7, endColumn: 8 }),
          ]),
        },
      ],
    });
  });

  it('writes workflow commands for GitHub', async () => {
    const { stdout } = await lint(files, ['a b.yaml', '--format', 'github']);
    expect(stdout.split('\n')).toContain(
      '::error file=a b.yaml,line=7,col=3,endLine=7,endColumn=8,title=kubewright unknown-field::Service bad: spec.prots: unknown field; did you mean ports?',
    );
  });

  it('writes a code quality report for GitLab', async () => {
    const { stdout } = await lint(files, ['a b.yaml', '--format', 'gitlab']);
    expect(JSON.parse(stdout)).toContainEqual({
      description: 'Service bad: spec.prots: unknown field; did you mean ports?',
      check_name: 'unknown-field',
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      severity: 'major',
      location: { path: 'a b.yaml', lines: { begin: 7, end: 7 } },
    });
  });

  it('writes JUnit XML, escaped', async () => {
    const { stdout } = await lint({ '<&".yaml': bad }, ['<&".yaml', '--format', 'junit']);
    expect(stdout).toContain('<testsuite name="&lt;&amp;&quot;.yaml"');
    expect(stdout).toContain('<testcase classname="&lt;&amp;&quot;.yaml" name="unknown-field 7:3">');
    expect(stdout).not.toMatch(/[^\n\x20-\x7e]/);
    const clean = await lint({ 'a.yaml': good }, ['a.yaml', '--format', 'junit']);
    expect(clean.stdout).toContain('tests="1" failures="0"');
  });
});
