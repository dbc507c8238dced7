/** Compiles the programs named on the command line and prints what is wrong with them. */
import { stat } from 'node:fs/promises';
import { inApplyOrder } from '../compiler/apply-order.ts';
import { problemText } from '../compiler/code-frame.ts';
import { compile } from '../compiler/index.ts';
import type { CompileOptions } from '../compiler/index.ts';
import type { Manifest } from '../compiler/manifest-set.ts';
import { builtInKinds } from '../types/kinds/index.ts';
import { Registry } from '../types/registry.ts';
import { usageError } from './command.ts';

/** Undefined when there were errors, which have been printed to the standard error output. */
export async function compilePrograms(
  entries: readonly string[],
  options: CompileOptions,
): Promise<readonly Manifest[] | undefined> {
  const registry = new Registry(builtInKinds);
  for (const entry of entries) {
    const found = await stat(entry).catch(() => undefined);
    if (!found) throw usageError(`${entry}: no such file`);
    if (!found.isFile()) throw usageError(`${entry} is no file; build takes TypeScript programs`);
  }
  const results = await Promise.all(entries.map((entry) => compile(entry, registry, options)));
  for (const problem of results.flatMap((result) => result.problems)) process.stderr.write(`${problemText(problem)}\n`);
  const manifests: Manifest[] = [];
  for (const { set } of results) {
    if (!set) return undefined;
    manifests.push(...set.manifests);
  }
  return inApplyOrder(manifests);
}
