import { lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readYamlDocuments } from '../../src/types/yaml/read.ts';
import { kubewright, messages, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The example of the documentation. */
const example = `
import { configMap, deployment, service } from 'kubewright';
const settings = configMap({ metadata: { name: 'web-settings' }, data: { 'app.conf': 'greeting=hello' } });
const web = deployment({
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    template: {
      spec: {
        volumes: [{ name: 'conf', configMap: settings.ref() }],
        containers: [{
          name: 'web', image: 'nginx:1.27',
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [{ name: 'CONF', valueFrom: settings.key('app.conf') }],
          volumeMounts: [{ name: 'conf', mountPath: '/etc/web' }],
        }],
      },
    },
  },
});
export default [settings, web, service({ metadata: { name: 'web' }, spec: { selector: web, ports: [{ port: 80, targetPort: web.port('http') }] } })];
`;
const broken = "import { configMap } from 'kubewright';\nexport default configMap({ metadata: { name: 'A_b' } });";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  writeFiles(folder, files);
  return folder;
}

describe('kubewright build', () => {
  it('prints objects in apply order, keys in the order of the author', async () => {
    const folder = folderWith({ 'app.ts': example });
    const { code, stdout, stderr } = await kubewright(folder, ['build', 'app.ts']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const objects = readYamlDocuments(stdout).map(({ value }) => value);
    const labels = { 'app.kubernetes.io/name': 'web' };
    expect(objects).toMatchObject([
      { kind: 'ConfigMap', metadata: { name: 'web-settings' } },
      { kind: 'Service', spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }] } },
      { kind: 'Deployment', spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } },
    ]);
    const keys = [...stdout.slice(stdout.indexOf('kind: Deployment')).matchAll(/^ {2}(\w+):/gm)].map(([, key]) => key);
    expect(keys).toEqual(['name', 'replicas', 'selector', 'template']);
  });

  it('prints the same bytes for the same input, also as JSON', async () => {
    const folder = folderWith({ 'app.ts': example });
    const runs = await Promise.all([1, 2].map(() => kubewright(folder, ['build', 'app.ts', '--format', 'json'])));
    expect(runs[0]?.stdout).toBe(runs[1]?.stdout);
    expect(JSON.parse(runs[0]?.stdout ?? '')).toMatchObject({ kind: 'List', items: [{}, {}, {}] });
  });

  it('writes JSON to what is called so', async () => {
    const folder = folderWith({ 'app.ts': example });
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'out.json'])).code).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'))).toMatchObject({ kind: 'List' });
  });

  it('keeps what the program prints away from the stream', async () => {
    const program = `console.log('to out'); process.stdout.write('raw\\n'); console.error('to err');\n${example}`;
    const { code, stdout, stderr } = await kubewright(folderWith({ 'app.ts': program }), ['build', 'app.ts']);
    expect(code).toBe(0);
    expect(stdout.startsWith('apiVersion: v1\n')).toBe(true);
    expect(stderr.split('\n').sort().join(' ').trim()).toBe('raw to err to out');
  });

  it('hands the environment to a program', async () => {
    const program =
      "import { configMap } from 'kubewright';\nimport type { ProgramEnvironment } from 'kubewright';\nexport default async ({ name, values }: ProgramEnvironment) => ({ a: [configMap({ metadata: { name: name ?? 'none' }, data: values })] });";
    const folder = folderWith({ 'app.ts': program });
    const { stdout } = await kubewright(folder, ['build', 'app.ts', '--env', 'prod', '--set', 'a=b=c', '--set', 'd=']);
    expect(readYamlDocuments(stdout)[0]?.value).toMatchObject({
      metadata: { name: 'prod' },
      data: { a: 'b=c', d: '' },
    });
  });

  it('writes one file per object and removes only its own stale files', async () => {
    const folder = folderWith({ 'app.ts': example, 'out/09-mine.yaml': 'mine', 'out/notes.txt': 'mine' });
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'out'])).code).toBe(0);
    const first = readdirSync(join(folder, 'out')).filter((name) => !name.startsWith('.'));
    expect(first).toEqual([
      '01-configmap-web-settings.yaml',
      '02-service-web.yaml',
      '03-deployment-web.yaml',
      '09-mine.yaml',
      'notes.txt',
    ]);
    writeFiles(folder, { 'app.ts': example.replace('export default [settings, web,', 'export default [settings,') });
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'out'])).code).toBe(0);
    const second = readdirSync(join(folder, 'out')).filter((name) => !name.startsWith('.'));
    expect(second).toEqual(['01-configmap-web-settings.yaml', '02-service-web.yaml', '09-mine.yaml', 'notes.txt']);
  });

  it('removes nothing that a forged list names outside the folder', async () => {
    const folder = folderWith({
      'app.ts': example,
      'victim.yaml': 'mine',
      'out/.kubewright-files.json': '{"files":["../victim.yaml","../01-a/../victim.yaml"]}',
    });
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'out'])).code).toBe(0);
    writeFiles(folder, { 'out/.kubewright-files.json': '{broken' });
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'out'])).code).toBe(0);
    expect(readFileSync(join(folder, 'victim.yaml'), 'utf8')).toBe('mine');
  });

  it('writes nothing when there is an error', async () => {
    const folder = folderWith({
      'good.ts': example,
      'bad.ts': broken,
      'all.yaml': 'before',
      'out/01-a.yaml': 'before',
    });
    const outputs = ['-', 'all.yaml', 'out', 'new', 'new.yaml'];
    const outcomes = await Promise.all(
      outputs.map((output) => kubewright(folder, ['build', 'good.ts', 'bad.ts', '-o', output])),
    );
    for (const { code, stdout } of outcomes) expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readFileSync(join(folder, 'all.yaml'), 'utf8')).toBe('before');
    expect(readdirSync(join(folder, 'out'))).toEqual(['01-a.yaml']);
    expect(readdirSync(folder).sort()).toEqual(['all.yaml', 'bad.ts', 'good.ts', 'out']);
  });

  it('replaces what a link leads to, writes to devices, and names what cannot be written', async () => {
    const folder = folderWith({ 'app.ts': example, 'target.yaml': 'before', 'file.yaml/inside': '' });
    symlinkSync('target.yaml', join(folder, 'link.yaml'));
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'link.yaml'])).code).toBe(0);
    expect(lstatSync(join(folder, 'link.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'target.yaml'), 'utf8')).toMatch(/^apiVersion/);
    expect((await kubewright(folder, ['build', 'app.ts', '-o', '/dev/null'])).code).toBe(0);
    expect((await kubewright(folder, ['build', 'app.ts', '-o', 'file.yaml'])).code).toBe(0);
    expect(readdirSync(join(folder, 'file.yaml'))).toContain('03-deployment-web.yaml');
    for (const output of ['/dev/full', 'none/deep/out.yaml', 'target.yaml/out.yaml']) {
      const outcome = await kubewright(folder, ['build', 'app.ts', '-o', output]);
      expect([outcome.code, outcome.stdout]).toEqual([1, '']);
      expect(outcome.stderr.startsWith(`${output} cannot be written: `), outcome.stderr).toBe(true);
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('finds one name twice across programs', async () => {
    const outcome = await kubewright(folderWith({ 'a.ts': example, 'b.ts': example }), ['build', 'a.ts', 'b.ts']);
    expect(outcome.code).toBe(1);
    expect(messages(outcome)).toHaveLength(3);
    expect(messages(outcome)[0]).toBe(
      'b.ts:3:42: error: ConfigMap web-settings metadata.name: another object has the same kind, namespace and name (a.ts:3)',
    );
  });

  it.each([
    [['build', 'app.ts', '--format', 'xml'], '--format is yaml or json, not xml'],
    [['build', 'app.ts', '--set', 'x'], '--set takes key=value, not "x"'],
  ])('%s is a mistake in the call', async (words, message) => {
    const folder = folderWith({ 'app.ts': example });
    const { code, stdout, stderr } = await kubewright(folder, words);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `${message}\n` });
  });

  it('leaves no temporary files', async () => {
    const folder = folderWith({ 'app.ts': example });
    const temporary = join(folder, 'tmp');
    mkdirSync(temporary);
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temporary;
    try {
      await kubewright(folder, ['build', 'app.ts']);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    expect(statSync(temporary).isDirectory()).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
