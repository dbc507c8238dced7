import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { byKind, readObjects } from '../../vscode-extension/src/cluster-objects.ts';
import { chooseCommandLine, chooseServer, contextOf } from '../../vscode-extension/src/server-process.ts';

const home = new URL('../../vscode-extension/', import.meta.url);
const manifest: {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly problemMatchers: readonly { readonly pattern: { readonly regexp: string } }[];
    readonly walkthroughs: readonly { readonly steps: readonly { readonly media: { readonly markdown: string } }[] }[];
  };
  readonly icon: string;
} = JSON.parse(readFileSync(new URL('package.json', home), 'utf8'));

describe('the server that is chosen', () => {
  const there =
    (...files: string[]) =>
    (file: string) =>
      files.includes(file);
  const own = '/b/node_modules/kubewright/dist/lsp.js';

  it('is the one of the settings, else of the folder, else of the extension', () => {
    expect(chooseServer('/x.js', ['/b'], '/ext', true, there(own))).toEqual({ file: '/x.js', origin: 'settings' });
    expect(chooseServer('', ['/a', '/b'], '/ext', true, there(own))).toEqual({ file: own, origin: 'folder' });
    expect(chooseServer('', ['/a'], '/ext', true, there(own)).origin).toBe('extension');
  });

  it('is never the program of a folder that nobody trusts', () => {
    expect(chooseServer('', ['/b'], '/ext', false, there(own))).toEqual({
      file: '/ext/dist/server/lsp.mjs',
      origin: 'extension',
    });
    expect(chooseCommandLine(['/b'], false, () => true)).toEqual(['kubewright']);
  });

  it('knows the names of contexts', () => {
    expect([contextOf('kubewright'), contextOf('other')]).toEqual(['kubewright', 'kubewright-other']);
  });
});

describe('the tree', () => {
  it('shows what is well and what is not', () => {
    const pod = (name: string, containerStatuses: unknown): object => ({
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      status: { phase: 'Running', containerStatuses },
    });
    const objects = readObjects(
      JSON.stringify({
        items: [
          pod('good', [{ ready: true }]),
          pod('bad', [{ ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } }]),
          { kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2 }, status: { readyReplicas: 1 } },
        ],
      }),
    );
    expect(objects.map(({ status, healthy }) => [status, healthy])).toEqual([
      ['Running 1/1', true],
      ['CrashLoopBackOff 0/1', false],
      ['1/2', false],
    ]);
    expect([...byKind(objects).keys()]).toEqual(['Pod', 'Deployment']);
  });

  it('lives with answers of any shape', () => {
    expect(readObjects('{"items":[null,1,{}]}')).toHaveLength(3);
    expect(readObjects('[]')).toEqual([]);
  });
});

describe('the manifest of the extension', () => {
  it('has a command for every one that is registered, and the other way round', () => {
    const source = readFileSync(new URL('src/extension.ts', home), 'utf8');
    const registered = [...source.matchAll(/command\('(\w+)'/g)].map(([, name]) => `kubewright.${name}`);
    expect(manifest.contributes.commands.map(({ command }) => command).sort()).toEqual(registered.sort());
  });

  it('names files that are there', () => {
    const files = [
      manifest.icon,
      ...manifest.contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.markdown)),
    ];
    for (const file of files) expect(readFileSync(new URL(file, home)).length).toBeGreaterThan(0);
  });

  it('reads the lines of lint --format github', () => {
    const [matcher] = manifest.contributes.problemMatchers;
    const line =
      '::error file=app.yaml,line=8,col=5,endLine=8,endColumn=9,title=unknown-field::unknown field; did you mean image?';
    expect(new RegExp(matcher?.pattern.regexp ?? '').exec(line)?.slice(1)).toEqual([
      'error',
      'app.yaml',
      '8',
      '5',
      'unknown field; did you mean image?',
    ]);
  });
});
