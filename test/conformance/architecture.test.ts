/** The arrows of ARCHITECTURE.md, the homes of packages, the sizes of files and the families' tables. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.gen.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

interface Import {
  readonly from: string;
  /** A path below the root, or the name of a package. */
  readonly to: string;
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const targets = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return targets.map((target) => ({
    from: file,
    to: target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target,
  }));
}

const sources = filesBelow('src');
const imports = sources.flatMap(importsOf);
const text = ({ from, to }: Import): string => `${from} -> ${to}`;

/** Folder -> folders that it may import besides itself. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'src/shared/': [],
  'src/types/': ['src/shared/'],
  'src/composition/': ['src/types/', 'src/shared/'],
  'src/compiler/': ['src/types/', 'src/shared/'],
  'src/lint/': ['src/compiler/', 'src/types/', 'src/shared/'],
  'src/lsp/': ['src/lint/', 'src/compiler/', 'src/types/', 'src/shared/'],
  'src/ts-plugin/': ['src/lint/', 'src/compiler/', 'src/types/', 'src/shared/'],
  'src/runtime/': ['src/types/', 'src/shared/'],
  'src/dashboard/': ['src/runtime/client/', 'src/types/', 'src/shared/'],
};
/** The same inside the runtime; its files at the top are the composition root, which may import everything. */
const runtimeParts: Readonly<Record<string, readonly string[]>> = {
  storage: [],
  apiserver: ['storage'],
  client: [],
  controllers: ['client'],
  scheduler: ['client'],
  engine: [],
  network: ['engine'],
  proxy: ['client', 'network'],
  dns: ['client', 'network'],
  kubelet: ['client', 'engine', 'network'],
};
/** Types that two sides of a seam share. */
const seams: ReadonlySet<string> = new Set([
  'src/runtime/apiserver/request.ts',
  'src/runtime/apiserver/streams/pod-streams.ts',
  'src/runtime/apiserver/usage/usage-source.ts',
]);

const packageHomes: Readonly<Record<string, readonly string[]>> = {
  yaml: ['src/types/yaml/'],
  '@marcbachmann/cel-js': ['src/types/cel/'],
  esbuild: ['src/compiler/'],
  typescript: ['src/compiler/', 'src/ts-plugin/'],
  commander: ['src/cli/'],
  lmdb: ['src/runtime/storage/'],
  diff: ['src/cli/'],
  ws: ['src/runtime/apiserver/', 'src/runtime/client/'],
  'parse5-html-rewriting-stream': ['src/runtime/apiserver/reverse-proxy/'],
  'dns-packet': ['src/runtime/dns/'],
  jose: ['src/runtime/apiserver/'],
  '@peculiar/x509': ['src/runtime/apiserver/'],
  'reflect-metadata': ['src/runtime/apiserver/'],
  'vscode-languageserver': ['src/lsp/'],
  'vscode-languageserver-textdocument': ['src/lsp/'],
  ajv: ['src/lint/'],
  pino: ['src/runtime/', 'src/shared/'],
  'tar-stream': ['src/runtime/engine/'],
};

describe('arrows', () => {
  it('point from the outside to the inside only', () => {
    const wrong = imports.filter(({ from, to }) => {
      const layer = Object.keys(layers).find((folder) => from.startsWith(folder));
      if (layer === undefined || !to.startsWith('src/')) return false;
      return !to.startsWith(layer) && !(layers[layer] ?? []).some((allowed) => to.startsWith(allowed));
    });
    expect(wrong.map(text)).toEqual([]);
  });

  it('keep the parts of the runtime apart', () => {
    const wrong = imports.filter(({ from, to }) => {
      const part = /^src\/runtime\/([^/]+)\//.exec(from)?.[1];
      const other = /^src\/runtime\/(?:([^/]+)\/)?/.exec(to);
      if (part === undefined || !other || seams.has(to)) return false;
      return other[1] !== part && !(runtimeParts[part] ?? []).includes(other[1] ?? '');
    });
    expect(wrong.map(text)).toEqual([]);
  });

  it('let nothing import the command line', () => {
    expect(
      imports.filter(({ from, to }) => to.startsWith('src/cli/') && !from.startsWith('src/cli/')).map(text),
    ).toEqual([]);
  });

  it('keep what decides away from what acts', () => {
    const pure = /\/(?:[a-z-]*plan|decide|[a-z-]*status|zone|service-table)\.ts$/;
    const acting =
      /src\/runtime\/(?:client\/(?:in-process|http|informer|reflector)|engine\/docker|storage\/)|^node:(?:fs|http|https|child_process|dgram)/;
    const wrong = imports.filter(
      ({ from, to }) => from.startsWith('src/runtime/') && pure.test(from) && acting.test(to),
    );
    expect(wrong.map(text)).toEqual([]);
  });
});

describe('packages', () => {
  it('have one home each', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (to.startsWith('src/') || to.startsWith('node:')) return false;
      const name = to.startsWith('@') ? to.split('/').slice(0, 2).join('/') : (to.split('/')[0] ?? '');
      return !(packageHomes[name] ?? []).some((home) => from.startsWith(home));
    });
    expect(wrong.map(text)).toEqual([]);
  });
});

describe('files', () => {
  it('have at most 400 lines, or say at their top why they have more', () => {
    const long = [...sources, ...filesBelow('scripts')].filter((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return (
        lines.length > 401 && !lines.slice(0, 12).some((line) => /longer than 400 lines|over 400 lines/i.test(line))
      );
    });
    expect(long).toEqual([]);
  });

  it('hold no cast and no non-null assertion outside of decoders', () => {
    const wrong = sources.flatMap((file) => {
      const found = readFileSync(join(root, file), 'utf8').match(
        /\bas (?:any|unknown as|never)\b|@ts-(?:ignore|expect-error)|eslint-disable/g,
      );
      return found ? [`${file}: ${found.join(', ')}`] : [];
    });
    expect(wrong).toEqual([]);
  });
});

/** Families: every file of the folder is named by the folder's index. */
const families: readonly string[] = [
  'src/types/kinds',
  'src/lint/rules',
  'src/cli/commands',
  'src/runtime/controllers',
  'src/runtime/scheduler/plugins',
  'src/runtime/kubelet/volumes',
  'src/runtime/apiserver/admission/plugins',
];

describe('families', () => {
  it.each(families)('%s has every member in its table', (folder) => {
    const index = readFileSync(join(root, folder, 'index.ts'), 'utf8');
    const members =
      folder === 'src/types/kinds' || folder === 'src/lint/rules'
        ? filesBelow(folder).filter(
            (file) => dirname(dirname(file)) === folder && !file.includes('/generated/') && !file.includes('/facts/'),
          )
        : folder === 'src/runtime/controllers'
          ? filesBelow(folder).filter(
              (file) =>
                file.endsWith('/index.ts') && dirname(dirname(file)) === folder && !file.includes('/framework/'),
            )
          : filesBelow(folder).filter((file) => dirname(file) === folder && !file.endsWith('/index.ts'));
    // What members share may stand beside them.
    const shared = new Set(
      imports.filter(({ from }) => from.startsWith(`${folder}/`) && !from.endsWith('/index.ts')).map(({ to }) => to),
    );
    const missing = members.filter((file) => !index.includes(`./${relative(folder, file)}`) && !shared.has(file));
    expect(missing).toEqual([]);
  });
});
