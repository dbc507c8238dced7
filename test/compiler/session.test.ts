import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompileResult } from '../../src/compiler/index.ts';
import { Checker } from '../../src/compiler/check.ts';
import { CompileSession } from '../../src/compiler/session.ts';
import { builtInKinds } from '../../src/types/kinds/index.ts';
import { Registry } from '../../src/types/registry.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const checker = (): Promise<Checker> => Promise.resolve(new Checker(new Registry(builtInKinds)));

function names(results: readonly CompileResult[]): readonly (string | undefined)[] {
  return results.flatMap(({ set }) => set?.manifests.map(({ object }) => object.metadata.name) ?? [undefined]);
}

describe('a session', () => {
  it('compiles anew what has changed, with nothing left of the run before', async () => {
    const folder = temporaryDirectory();
    const entry = join(folder, 'app.ts');
    const part = join(folder, 'part.ts');
    const count = 'const seen = globalThis as { count?: number };\nseen.count = (seen.count ?? 0) + 1;';
    writeFileSync(
      entry,
      `import { configMap } from 'kubewright';\nimport { name } from './part.ts';\n${count}\nexport default configMap({ metadata: { name: \`\${name}-\${seen.count}\` } });`,
    );
    writeFileSync(part, "export const name = 'a';");
    await using session = new CompileSession();
    expect(names(await session.compile([entry], checker))).toEqual(['a-1']);
    writeFileSync(part, "export const name = 'b';");
    expect(names(await session.compile([entry], checker))).toEqual(['b-1']);
    writeFileSync(part, 'export const name = ;');
    const [broken] = await session.compile([entry], checker);
    expect(broken?.set).toBeUndefined();
    expect(broken?.problems[0]?.place?.line).toBe(1);
    writeFileSync(part, "export const name = 'c';");
    expect(names(await session.compile([entry], checker))).toEqual(['c-1']);
  });
});
