import { createRequire } from 'node:module';
import { transform } from 'esbuild';
import { collectExports } from '../../../src/compiler/exports.ts';
import * as kubewright from '../../../src/index.ts';

const require = createRequire(import.meta.url);

/** Runs the text of a program with the builders of these sources, and answers the objects that it exports. */
export async function evaluateProgram(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { code } = await transform(text, { loader: 'ts', format: 'cjs', target: 'node20' });
  const program: { exports: { readonly default?: unknown } } = { exports: {} };
  const load = (name: string): unknown => (name === 'kubewright' ? kubewright : require(name));
  Reflect.apply(new Function('module', 'exports', 'require', code), undefined, [program, program.exports, load]);
  const { objects, issues } = await collectExports(
    program.exports.default,
    { name: undefined, values: {} },
    '',
    () => undefined,
  );
  if (issues.length > 0) throw new Error(issues.map(({ message }) => message).join('\n'));
  return objects.map(({ value }) => value);
}
