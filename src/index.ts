/** The library face: typed builders and `compile`. */
export * from './types/kinds/generated/builders.gen.ts';
export type * from './types/kinds/generated/types.gen.ts';
export * from './composition/index.ts';
export { builderOf, list, raw } from './types/builder.ts';
export type {
  Builder,
  ClaimHandle,
  ConfigMapHandle,
  Input,
  ObjectList,
  SecretHandle,
  ServiceHandle,
  WorkloadHandle,
} from './types/builder.ts';
export type { KubeObject, ObjectMeta } from './types/meta.ts';
export type { Quantity } from './types/quantity.ts';
export type { IntOrString } from './types/int-or-string.ts';
export type { CompileOptions } from './compiler/compile-options.ts';
export type { CompileResult } from './compiler/compile-result.ts';
export type { CompileProblem, SourcePlace } from './compiler/problem.ts';
export type { Manifest, ManifestSet } from './compiler/manifest-set.ts';
export type { ProgramEnvironment } from './compiler/program-environment.ts';
import type { ManifestPlugin } from './compiler/esbuild-plugin.ts';
import type { Checker } from './compiler/check.ts';
import type { CompileOptions } from './compiler/compile-options.ts';
import type { CompileResult } from './compiler/compile-result.ts';

/**
 * Compiles a TypeScript program: bundles it, runs it in a worker, checks what it exports with the rules of the API server.
 * Problems are in the result, not thrown.
 */
export async function compile(entry: string, options: CompileOptions = {}): Promise<CompileResult> {
  const { compile: compileAll } = await import('./compiler/index.ts');
  const [result] = await compileAll([entry], standardChecker, options);
  if (!result) throw new Error(`${entry} was not compiled`);
  return result;
}

/**
 * For esbuild: `import yaml from './infra.ts?yaml'` gives the manifests of a program as text, `?json` as a list of objects.
 * What is wrong with the program are errors of the build, at their places.
 */
export function esbuildPlugin(options: CompileOptions = {}): ManifestPlugin {
  return {
    name: 'kubewright-manifests',
    setup(build) {
      const namespace = 'kubewright-manifests';
      build.onResolve({ filter: /\.[cm]?tsx?\?(?:yaml|json)$/ }, ({ path, resolveDir }) => ({
        path: `${resolveDir}/${path}`,
        namespace,
      }));
      build.onLoad({ filter: /.*/, namespace }, async ({ path }) => {
        const { loadManifests } = await import('./compiler/esbuild-plugin.ts');
        return loadManifests(path, (entry) => compile(entry, options));
      });
    },
  };
}

async function standardChecker(): Promise<Checker> {
  const [check, kinds, registry] = await Promise.all([
    import('./compiler/check.ts'),
    import('./types/kinds/index.ts'),
    import('./types/registry.ts'),
  ]);
  return new check.Checker(new registry.Registry(kinds.builtInKinds));
}
