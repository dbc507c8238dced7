import { existsSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kubewright, messages, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function complaints(program: string | Uint8Array): Promise<readonly string[]> {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'app.ts': program });
  const outcome = await kubewright(folder, ['build', 'app.ts', '-o', 'out.yaml']);
  expect(outcome.code).toBe(1);
  expect(existsSync(join(folder, 'out.yaml'))).toBe(false);
  return messages(outcome);
}

describe('bad input', () => {
  it('of bytes that are no TypeScript is named, and its bytes stay off the terminal', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0x1b, 0x5b, 0x32, 0x4a]) });
    const { code, stderr } = await kubewright(folder, ['build', 'app.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain('app.ts:1:1: error: ');
    expect(stderr).not.toContain('\u001b');
  });

  it('of another form than a program is refused', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.yaml': 'a: b', 'app.json': '{}', notes: 'text', 'folder/app.ts': '' });
    symlinkSync('folder', join(folder, 'link'));
    const cases = [
      ['app.yaml', 'app.yaml:1:1: error: this is no TypeScript program, which is what build takes; '],
      ['app.json', 'app.json:1:1: error: this is no TypeScript program, which is what build takes; '],
      ['notes', 'notes:1:1: error: this is no TypeScript program, which is what build takes'],
      ['folder', 'error: folder is a folder; build takes TypeScript programs'],
      ['link', 'error: link is a folder; build takes TypeScript programs'],
      ['nowhere.ts', 'error: nowhere.ts: no such file or folder'],
      ['app.yaml/app.ts', 'error: app.yaml/app.ts: no such file or folder'],
    ] as const;
    for (const [entry, message] of cases) {
      const outcome = await kubewright(folder, ['build', entry, '-o', 'out.yaml']);
      expect([outcome.code, outcome.stdout, existsSync(join(folder, 'out.yaml'))]).toEqual([1, '', false]);
      expect(outcome.stderr.startsWith(message), outcome.stderr).toBe(true);
    }
  });

  it('of other encodings is named, and other letters in names are none', async () => {
    const folder = temporaryDirectory();
    const program =
      "import { configMap } from 'kubewright';\nexport default configMap({ metadata: { name: 'a' }, data: { a: 'caf\u00e9' } });";
    writeFiles(folder, { 'latin.ts': Buffer.from(program, 'latin1'), 'caf\u00e9 \u{1f600}.ts': program });
    const latin = await kubewright(folder, ['build', 'latin.ts']);
    expect([latin.code, messages(latin)]).toEqual([
      1,
      ['latin.ts:2:68: error: the file is not UTF-8, which programs are written in; save it as UTF-8'],
    ]);
    expect((await kubewright(folder, ['build', 'caf\u00e9 \u{1f600}.ts'])).stdout).toContain('a: caf\u00e9\n');
  });

  it('of lines without end is shown in part', async () => {
    const value = 'x'.repeat(3_000_000);
    const folder = temporaryDirectory();
    writeFiles(folder, {
      'app.ts': `import { configMap } from 'kubewright'; export default configMap({ metadata: { name: '${value}' } });`,
    });
    const { code, stderr } = await kubewright(folder, ['build', 'app.ts']);
    expect([code, stderr.length < 10_000]).toEqual([1, true]);
  });

  it('of a built object where another kind belongs names both kinds', async () => {
    const program = `import * as k from 'kubewright';
const settings = k.configMap({ metadata: { name: 'c' }, data: { a: 'b' } });
export default [settings, k.clusterRoleBinding({ metadata: { name: 'x' }, roleRef: settings as never })];`;
    expect(await complaints(program)).toEqual([
      'app.ts:3:29: error: roleRef takes an object of the kind ClusterRole, not a ConfigMap',
    ]);
  });

  it('of names that nothing declares lists what is declared', async () => {
    const head = `import * as k from 'kubewright';
const c = k.configMap({ metadata: { name: 'c' }, data: { a: 'b' } });
const p = k.pod({ metadata: { name: 'p', labels: { a: 'b' } }, spec: { containers: [{ name: 'p', image: 'i', ports: [{ name: 'http', containerPort: 80 }] }] } });
const s = k.service({ metadata: { name: 's' }, spec: { selector: p, ports: [{ name: 'web', port: 80 }] } });
`;
    const cases: readonly (readonly [string, string])[] = [
      ["c.key('x' as never)", 'there is no key "x"; declared are: a'],
      ["s.backend('x' as never)", 'there is no port "x"; declared are: web'],
      [
        "k.service({ metadata: { name: 't' }, spec: { selector: p, ports: [{ port: 80, targetPort: 'x' as never }] } })",
        'there is no port "x"; declared are: http',
      ],
    ];
    for (const [expression, message] of cases) {
      const [first = ''] = await complaints(`${head}export default [c, p, s, ${expression} as never];`);
      expect(first).toMatch(/^app\.ts:5:\d+: error: /);
      expect(first.slice(first.indexOf('error: ') + 7)).toBe(message);
    }
  });

  it('of a namespace on what is in none is found at its place', async () => {
    const program =
      "import { namespace } from 'kubewright';\nexport default namespace({ metadata: { name: 'n', namespace: 'x' } as never });";
    const [line = ''] = await complaints(program);
    expect(line).toMatch(
      /^app\.ts:2:\d+: error: Namespace x\/n metadata\.namespace: Forbidden: not allowed on this type$/,
    );
  });
});

describe('50 MB of output', () => {
  it('are written', async () => {
    const folder = temporaryDirectory();
    const program = `import { configMap } from 'kubewright';
export default Array.from({ length: 60 }, (_, i) => configMap({ metadata: { name: \`c\${i}\` }, data: { x: 'word'.repeat(225_000) } }));`;
    writeFiles(folder, { 'app.ts': program });
    const outcome = await kubewright(folder, ['build', 'app.ts', '-o', 'out.yaml']);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(join(folder, 'out.yaml')).size).toBeGreaterThan(50_000_000);
  });
});
