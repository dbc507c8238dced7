import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { KindSummary, Row } from '../../src/dashboard/messages.ts';
import { ClusterRows, portsOf, target } from '../../vscode-extension/src/cluster-rows.ts';
import { dashboardHtml } from '../../vscode-extension/src/dashboard-panel.ts';
import {
  chooseCommandLine,
  chooseServer,
  contextOf,
  hasTypeScriptPlugin,
} from '../../vscode-extension/src/server-process.ts';

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

  it('leaves programs to the TypeScript server where that has the plugin', () => {
    const read = (file: string): string =>
      file === '/b/tsconfig.json' ? '{"plugins":[{"name":"kubewright/ts-plugin"}]}' : '';
    expect(hasTypeScriptPlugin(['/a', '/b'], read)).toBe(true);
    expect(hasTypeScriptPlugin(['/a'], read)).toBe(false);
  });

  it('knows the names of contexts', () => {
    expect([contextOf('kubewright'), contextOf('other')]).toEqual(['kubewright', 'kubewright-other']);
  });
});

describe('the tree', () => {
  const kind = (name: string, id: string): KindSummary => ({
    id,
    kind: name,
    plural: id.split('/').at(-1) ?? '',
    namespaced: true,
    columns: [],
    actions: [],
  });
  const row = (id: string, name: string, namespace = 'default'): Row => ({
    kind: id,
    uid: `${id}/${name}`,
    namespace,
    name,
    cells: [],
    health: 'ready',
    detail: '',
    created: '',
    owners: [],
  });
  const begin = {
    type: 'begin',
    context: 'kubewright',
    server: 'https://127.0.0.1:1',
    kinds: [kind('Deployment', 'apps/v1/deployments'), kind('Pod', 'v1/pods'), kind('Node', 'v1/nodes')],
  } as const;

  it('groups what there is by kind, without what belongs to the cluster itself', () => {
    const rows = new ClusterRows();
    rows.take(begin);
    for (const one of [
      row('v1/pods', 'b'),
      row('v1/pods', 'a'),
      row('v1/nodes', 'n', ''),
      row('v1/pods', 'dns', 'kube-system'),
    ])
      rows.take({ type: 'row', row: one });
    const seen = (): unknown => rows.groups().map((group) => [group.kind.kind, group.rows.map(({ name }) => name)]);
    expect(seen()).toEqual([['Pod', ['a', 'b']]]);
    rows.take({ type: 'gone', uid: 'v1/pods/a' });
    rows.take({ type: 'row', row: row('apps/v1/deployments', 'web') });
    expect(seen()).toEqual([
      ['Deployment', ['web']],
      ['Pod', ['b']],
    ]);
    // A dashboard that began anew tells everything again.
    rows.take(begin);
    expect(seen()).toEqual([]);
  });

  it('names objects and ports as the command line takes them', () => {
    expect(target(row('apps/v1/deployments', 'web'))).toBe('deployments/web');
    const container = { ports: [{ containerPort: 80 }, { containerPort: 81 }] };
    expect(portsOf(JSON.stringify({ spec: { template: { spec: { containers: [container] } } } }))).toEqual([
      '80',
      '81',
    ]);
    expect(portsOf(JSON.stringify({ spec: { ports: [{ port: 443, targetPort: 'https' }] } }))).toEqual(['443']);
    expect(portsOf('[]')).toEqual([]);
  });
});

describe('the panel of the dashboard', () => {
  it('frames that one address, whatever is in it', () => {
    const html = dashboardHtml('http://127.0.0.1:1234/#a"b<c');
    expect(html).toContain('frame-src http://127.0.0.1:1234"');
    expect(html).toContain('src="http://127.0.0.1:1234/#a&#34;b&#60;c"');
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
