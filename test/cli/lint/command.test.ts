/** `kubewright lint` as people call it: versions, commits, several reports, fixes, configurations that are wrong. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliFile, kubewright, writeFiles } from '../../support/built-cli.ts';
import type { Outcome } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

async function lint(files: Files, words: readonly string[]): Promise<Outcome & { readonly folder: string }> {
  const folder = temporaryDirectory();
  writeFiles(folder, files);
  return { ...(await kubewright(folder, ['lint', ...words])), folder };
}

const settings =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\nimmutable: true\ndata:\n  level: info\n';
const quiet = "export default { extends: 'none' };";

function git(folder: string, ...words: string[]): void {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...identity, ...words], { cwd: folder, stdio: 'ignore' });
}

describe('--base', () => {
  function repository(): string {
    const folder = temporaryDirectory();
    git(folder, 'init', '-q');
    writeFiles(folder, {
      'k8s/a.yaml': settings,
      'k8s/other.yaml': settings.replace('settings', 'other'),
      'kubewright.config.ts': quiet,
    });
    git(folder, 'add', '.');
    git(folder, 'commit', '-q', '-m', 'first');
    return folder;
  }

  it('tells what the API server would refuse since a commit, with both places', async () => {
    const folder = repository();
    writeFiles(folder, { 'k8s/a.yaml': `# more\n${settings.replace('info', 'debug')}` });
    const same = await kubewright(folder, ['lint', 'k8s']);
    expect(same).toMatchObject({ code: 0, stdout: '2 objects: 0 errors, 0 warnings\n' });
    const { code, stdout } = await kubewright(folder, ['lint', 'k8s', '--base', 'HEAD']);
    expect(stdout.split('\n')).toEqual([
      'k8s/a.yaml:8:10: error: ConfigMap settings: data.level: Forbidden: field is immutable when `immutable` is set (HEAD has it in k8s/a.yaml:7) [immutable-field]',
      '2 objects: 1 error, 0 warnings',
      '',
    ]);
    expect(code).toBe(1);
    const inside = await kubewright(join(folder, 'k8s'), ['lint', 'a.yaml', '--base', 'HEAD', '--format', 'sarif']);
    const [result] = JSON.parse(inside.stdout).runs[0].results;
    expect(result).toMatchObject({
      ruleId: 'immutable-field',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a.yaml' }, region: { startLine: 8 } } }],
      relatedLocations: [
        { physicalLocation: { artifactLocation: { uri: 'HEAD%3Aa.yaml' }, region: { startLine: 7 } } },
      ],
    });
  });

  it('follows objects into other files', async () => {
    const folder = repository();
    git(folder, 'mv', 'k8s/a.yaml', 'k8s/b.yaml');
    writeFiles(folder, { 'k8s/b.yaml': settings.replace('info', 'debug') });
    const { stdout } = await kubewright(folder, ['lint', 'k8s', '--base', 'HEAD']);
    expect(stdout).toContain('k8s/b.yaml:7:10: error');
    expect(stdout).toContain('(HEAD has it in k8s/a.yaml:7)');
  });

  it('needs a repository and a commit', async () => {
    const folder = repository();
    const unknown = await kubewright(folder, ['lint', 'k8s', '--base', 'nowhere']);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--base nowhere: there is no such commit'),
    });
    const option = await kubewright(folder, ['lint', 'k8s', '--base=--output=/tmp/x']);
    expect(option.code).toBe(2);
    const outside = await lint({ 'a.yaml': settings }, ['a.yaml', '--base', 'HEAD']);
    expect(outside.code).toBe(2);
  });
});

describe('--kubernetes-version', () => {
  it('aims at an older one, also in programs', async () => {
    const files = {
      'a.yaml':
        'apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: {name: a}\nspec: {cidrs: [10.1.0.0/24]}\n',
      'app.ts': `import { pod } from 'kubewright';
export default pod({
  metadata: { name: 'a' },
  spec: {
    hostnameOverride: 'b',
    containers: [{ name: 'a', image: 'registry.example.com/a:1' }],
  },
});`,
      'kubewright.config.ts': "export default { extends: 'none', kubernetesVersion: '1.33' };",
    };
    const words = ['a.yaml', 'app.ts', '--format', 'json'];
    const older = await lint(files, [...words, '--kubernetes-version', '1.32']);
    const { findings } = JSON.parse(older.stdout);
    expect(findings.map(({ file, line, rule, path }: Record<string, unknown>) => [file, line, rule, path])).toEqual([
      ['a.yaml', 1, 'not-in-version', 'apiVersion'],
      ['app.ts', 5, 'not-in-version', 'spec.hostnameOverride'],
    ]);
    const configured = await lint(files, words);
    expect(JSON.parse(configured.stdout).findings).toHaveLength(1);
    const newest = await lint(files, [...words, '--kubernetes-version', '1.36']);
    expect(newest.code).toBe(0);
  });
});

describe('reports', () => {
  const files = { 'a.yaml': settings.replace('level: info', 'level: 1'), 'kubewright.config.ts': quiet };

  it('are several, each to its place', async () => {
    const words = [
      '--format',
      'sarif',
      '--output',
      'a.sarif',
      '--output',
      'b.xml',
      '--format',
      'junit',
      '--format',
      'github',
    ];
    const { code, stdout, folder } = await lint(files, ['a.yaml', ...words]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^::error file=a\.yaml,line=7/);
    expect(JSON.parse(readFileSync(join(folder, 'a.sarif'), 'utf8'))).toMatchObject({ version: '2.1.0' });
    expect(readFileSync(join(folder, 'b.xml'), 'utf8')).toContain('<testsuites');
  });

  it('do not go to one place', async () => {
    const { code, stdout, stderr } = await lint(files, ['a.yaml', '--format', 'json', '--format', 'text']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('two reports go to the standard output');
  });

  it('say in SARIF what was silenced, and why', async () => {
    const text = `${settings.replace('level: info', 'level: 1 # kubewright-disable-line type -- a number, on purpose')}`;
    const { code, stdout } = await lint({ ...files, 'a.yaml': text }, ['a.yaml', '--format', 'sarif']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).runs[0].results).toMatchObject([
      {
        ruleId: 'type',
        suppressions: [{ kind: 'inSource', status: 'accepted', justification: 'a number, on purpose' }],
      },
    ]);
  });
});

describe('--fix', () => {
  const text = `# one
apiVersion: v1 # kept
kind: Pod
metadata:
  name: a
spec:
  serviceAccount: web # why

  containers:
    - name: a
      # the image
      image: registry.example.com/a:1
      env:
        - {name: PORT, value: 8080} # a number
        - name: DEBUG
          value: yes
`;

  it('keeps comments, changes nothing the second time and leaves suggestions alone', async () => {
    const { folder, stderr } = await lint(
      { 'a.yaml': text, 'kubewright.config.ts': "export default { extends: 'recommended' };" },
      ['a.yaml', '--fix'],
    );
    expect(stderr).toBe('3 findings were fixed\n');
    const fixed = readFileSync(join(folder, 'a.yaml'), 'utf8');
    expect(fixed).toBe(
      text.replace('serviceAccount:', 'serviceAccountName:').replace('8080', '"8080"').replace('yes', '"yes"'),
    );
    const again = await kubewright(folder, ['lint', 'a.yaml', '--fix']);
    expect(again.stderr).toBe('');
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(fixed);
  });

  it('settles what two fixes want of one place in several rounds', async () => {
    const conflict = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "a"\ndata:\n  a: &b 1\n---\n---\n';
    const config = `export default { extends: 'none', rules: {
      'style/quoted-strings': 'info', 'style/unused-anchor': 'info', 'style/document-separator': 'info' } };`;
    const { folder, code } = await lint({ 'a.yaml': conflict, 'kubewright.config.ts': config }, ['a.yaml', '--fix']);
    expect(readFileSync(join(folder, 'a.yaml'), 'utf8')).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n',
    );
    expect(code).toBe(0);
  });

  it('does not touch the standard input', async () => {
    const folder = temporaryDirectory();
    const { stdout } = await kubewright(folder, ['lint', '-', '--fix'], text);
    expect(stdout).toContain('-:14:31: error: Pod a: ');
  });
});

describe('configurations that are wrong', () => {
  it.each([
    ['export default { ruls: {} };', 'there is no setting ruls; did you mean rules?'],
    [
      "export default { rules: { 'images/latest': 'fatal' } };",
      'rules["images/latest"] must be one of error, warning, info, off, not "fatal"',
    ],
    ['export default Promise.resolve({});', 'the default export is a promise'],
    ['export default await Promise.resolve({});', 'line 1: a configuration cannot wait for anything'],
    ['export default {', 'line 1: Expected identifier but found end of file'],
    ["throw new Error('oops');", 'oops'],
    ["import { a } from './nowhere.ts';\nexport default a;", 'line 1: there is no file "./nowhere.ts" to import'],
    ["export default { customRules: [{ id: 'custom/a', cel: 'self.' }] };", 'the expression of the rule custom/a: '],
  ])('%j', async (config, message) => {
    const { code, stdout, stderr } = await lint({ 'a.yaml': settings, 'kubewright.config.ts': config }, ['a.yaml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('kubewright.config.ts: ');
    expect(stderr).toContain(message);
  });

  it('that do not end are ended', async () => {
    const { code, stderr } = await lint({ 'a.yaml': settings, 'kubewright.config.ts': 'for (;;);' }, ['a.yaml']);
    expect(code).toBe(2);
    expect(stderr).toContain('it did not end within');
  });
});

describe('kustomizations', () => {
  const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  defaultBackend: {service: {name: wep, port: {number: 80}}}
`;
  const files = {
    'base/kustomization.yaml': 'resources: [service.yaml]\n',
    'base/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: 80}]\n',
    'overlays/prod/kustomization.yaml': 'resources: [../../base, ingress.yaml]\npatches: [{path: patch.yaml}]\n',
    'overlays/prod/ingress.yaml': ingress,
    'overlays/prod/patch.yaml': '- op: remove\n  path: /spec/tls\n',
    'chart/Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n',
    'chart/values.yaml': 'kind: Deployment\nspec: {}\n',
  };
  it('bring what they are made of, although nobody names it', async () => {
    const { stdout, folder } = await lint(files, ['overlays/prod']);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^overlays\/prod\/ingress\.yaml:5:36: warning: .* did you mean web\? \[reference\/ingress-service\]$/,
      ),
      '1 object: 0 errors, 1 warning',
      '',
    ]);
    writeFiles(folder, { 'overlays/prod/ingress.yaml': ingress.replace('wep', 'web') });
    const right = await kubewright(folder, ['lint', 'overlays/prod/ingress.yaml']);
    expect(right.stdout).toBe('1 object: 0 errors, 0 warnings\n');
  });

  it('and charts have files that need not be manifests, also when they are named', async () => {
    const words = [
      'overlays/prod/patch.yaml',
      'overlays/prod/kustomization.yaml',
      'chart/values.yaml',
      'chart/Chart.yaml',
    ];
    const { code, stdout } = await lint(files, words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '0 objects: 0 errors, 0 warnings\n' });
  });
});

describe('what was not checked', () => {
  const custom = 'apiVersion: example.com/v1\nkind: Any\nmetadata: {name: a}\n';
  it.each([
    [{ 'a.yaml': custom }, '1 object (1 not checked): 0 errors, 0 warnings, 1 info'],
    [{ 'a.yaml': 'a: [' }, '1 object (1 not checked)'],
    [{ 'a.yaml': Uint8Array.from([0xff, 0xfe]) }, '1 object (1 not checked)'],
    [{ 'a.yaml': '{{- if .Values.a }}\napiVersion: v1\n{{- end }}\n' }, '1 object (1 not checked)'],
  ])('%j is counted, and 3 under --strict-coverage', async (files, summary) => {
    const { code, stdout, stderr } = await lint(files, ['a.yaml', '--strict-coverage', '--fail-on', 'never']);
    expect(stdout).toContain(summary);
    expect(code).toBe(3);
    expect(stderr).toContain('1 object could not be checked');
  });
});

describe('--watch', () => {
  it('looks again after a change and ends with 130', async () => {
    const folder = temporaryDirectory();
    mkdirSync(join(folder, 'k8s'));
    writeFiles(folder, { 'k8s/a.yaml': settings, 'kubewright.config.ts': quiet });
    const child = spawn(process.execPath, [cliFile, 'lint', 'k8s', '--watch'], { cwd: folder });
    let output = '';
    const rounds: ((text: string) => void)[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (/^\d+ objects?.*\n$/m.test(text)) rounds.shift()?.(output);
    });
    const round = (): Promise<string> => new Promise((done) => rounds.push(done));
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const first = round();
    expect(await first).toBe('1 object: 0 errors, 0 warnings\n');
    output = '';
    const second = round();
    // Replaced at once, as editors do: written in place it would be empty for a moment.
    writeFiles(folder, { 'k8s/.a.yaml.new': settings.replace('level: info', 'level: 1') });
    renameSync(join(folder, 'k8s/.a.yaml.new'), join(folder, 'k8s/a.yaml'));
    expect(await second).toContain('k8s/a.yaml:7:10: error: ');
    child.kill('SIGINT');
    expect(await ended).toBe(130);
  });
});
