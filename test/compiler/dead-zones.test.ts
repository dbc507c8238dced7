import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Checker } from '../../src/compiler/check.ts';
import { withDeadZones } from '../../src/compiler/dead-zones.ts';
import { compile } from '../../src/compiler/index.ts';
import type { CompileResult } from '../../src/compiler/index.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import { Registry } from '../../src/types/registry.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function compiled(files: Readonly<Record<string, string>>): Promise<CompileResult> {
  const folder = temporaryDirectory();
  writeFiles(folder, files);
  const checker = (): Promise<Checker> => Promise.resolve(new Checker(new Registry(builtInKinds)));
  const [result] = await compile([join(folder, 'app.ts')], checker);
  if (!result) throw new Error('nothing was compiled');
  return result;
}

describe('a constant that is used too early', () => {
  it('is told, with the circle of imports that it came by', async () => {
    const { set, problems } = await compiled({
      'app.ts': `import { web } from './web.ts';
export const team = 'shop';
export default [web];`,
      'web.ts': `import { configMap } from 'kubewright';
import { team } from './app.ts';
export const web = configMap({ metadata: { name: 'web' }, data: { team: \`team \${team}\` } });`,
    });
    expect(set).toBeUndefined();
    expect(problems.map(({ message }) => message.replaceAll(/[^ (]*\/(?=\w+\.ts)/g, ''))).toEqual([
      "ReferenceError: Cannot access 'team' before initialization: the imports go round in a circle " +
        '(web.ts -> app.ts -> web.ts), so web.ts runs before app.ts has set it; ' +
        'move team to a file that imports neither',
    ]);
    expect(problems[0]?.place).toMatchObject({ file: expect.stringMatching(/web\.ts$/), line: 3 });
  });

  it('is told in one file, where the object would be lost', async () => {
    const { problems } = await compiled({
      'app.ts': `import { configMap } from 'kubewright';
export default [late];
const late = configMap({ metadata: { name: 'late' } });`,
    });
    expect(problems.map(({ message, place }) => [place?.line, message])).toEqual([
      [2, "ReferenceError: Cannot access 'late' before initialization: it is used above its declaration"],
    ]);
  });

  it('is no trouble where functions and circles wait until it has its value', async () => {
    const { set, problems } = await compiled({
      'app.ts': `import { configMap } from 'kubewright';
import { label, Kind, Parts, Maker } from './parts.ts';
export const team = 'shop';
var twice = 1;
var twice = 2;
const text = \`
var inText = 1
\`;
export default configMap({ metadata: { name: 'x' }, data: { all: [label(), Kind.B, Parts.one, Maker.n, twice, text].join() } });`,
      'parts.ts': `import { team } from './app.ts';
export const label = (): string => team;
export enum Kind { A }
export enum Kind { B = 5 }
export namespace Parts { export const one = 1; }
class Base { static n = 3; }
export class Maker extends Base {}
var twice = 7;
export let changed = twice;
changed += 1;`,
    });
    expect(problems).toEqual([]);
    expect(set?.manifests[0]?.object).toMatchObject({ data: { all: 'shop,5,1,3,2,\nvar inText = 1\n' } });
  });
});

describe('texts of sources', () => {
  it('stay as they are, though they look like declarations', () => {
    const code = 'var a = `\nvar b = 1\n`;\nvar c = 2;\n';
    const contents = new Map([['app.ts', 'const a = `\nvar b = 1\n`;\nconst c = 2;\n']]);
    expect(withDeadZones(code, contents)).toBe('let a = `\nvar b = 1\n`;\nlet c = 2;\n');
  });
});
