/** Reads `kubewright.config.ts`. It is a program of the project and runs in this process, with a limit on its time. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Script } from 'node:vm';
import { bundleScript } from '../compiler/loader.ts';
import { CompileError } from '../compiler/problem.ts';
import { isRecord } from '../shared/deep.ts';
import { importModule } from '../shared/import-module.ts';
import { ConfigError } from './config-error.ts';
import { checkedConfig } from './config-schema.ts';
import type { LintConfig } from './config.ts';
import { withinTime } from './time-limit.ts';

export const configNames: readonly string[] = ['kubewright.config.ts', 'kubewright.config.js', 'kubewright.config.mjs'];

/** The configuration of a folder: its own, or that of the nearest folder above. */
export function findConfigFile(folder: string): string | undefined {
  let at = resolve(folder);
  for (;;) {
    for (const name of configNames) if (existsSync(join(at, name))) return join(at, name);
    // A repository ends the search: what lies around it belongs to somebody else.
    if (existsSync(join(at, '.git'))) return undefined;
    const parent = dirname(at);
    if (parent === at) return undefined;
    at = parent;
  }
}

const loadTime = 10_000;

function defaultOf(module: unknown): unknown {
  return isRecord(module) && 'default' in module ? module['default'] : module;
}

/** The default export of a program, evaluated in time. What it imports of this package is given to it. */
async function evaluated(file: string): Promise<unknown> {
  const { code, own } = await bundleScript(file);
  const modules = new Map<string, unknown>();
  for (const href of own) modules.set(href, await importModule(href));
  const require = createRequire(resolve(file));
  const load = (name: string): unknown => (modules.has(name) ? modules.get(name) : require(name));
  const source = `(function(require,module,exports){${code}\n})`;
  const program: unknown = new Script(source, { filename: resolve(file) }).runInThisContext();
  const module = { exports: {} };
  withinTime(loadTime, () => {
    Reflect.apply(Object(program), undefined, [load, module, module.exports]);
  });
  const config = defaultOf(module.exports);
  if (config instanceof Promise)
    throw new ConfigError('the default export is a promise; a configuration has nothing to wait for');
  return config;
}

/** @throws ConfigError for what is no configuration, or does not run */
export async function loadConfigFile(file: string): Promise<LintConfig> {
  try {
    return checkedConfig(await evaluated(file));
  } catch (error) {
    if (error instanceof CompileError) {
      const texts = error.problems.map(({ message, place }) => {
        // A script, unlike a module, cannot wait; the bundler says so in terms of its own.
        const said = message.startsWith('Top-level await') ? 'a configuration cannot wait for anything' : message;
        return place ? `line ${place.line}: ${said}` : said;
      });
      throw new ConfigError(`${file}: ${texts.join('; ')}`);
    }
    throw new ConfigError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
