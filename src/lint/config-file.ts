/** Reads `kubewright.config.ts`. It is a program of the project and runs in this process, as its build tools' configurations do. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CompileError } from '../compiler/problem.ts';
import { bundle } from '../compiler/loader.ts';
import { isRecord } from '../shared/deep.ts';
import { nearest } from '../compiler/nearest.ts';
import { ConfigError } from './config.ts';
import type { LintConfig } from './config.ts';

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

const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  extends: (value) => typeof value === 'string' || isTexts(value),
  rules: isRecord,
  overrides: (value) => Array.isArray(value) && value.every((one) => isRecord(one) && isRecord(one['rules'])),
  ignore: isTexts,
  externalRefs: (value) =>
    Array.isArray(value) &&
    value.every((one) => isRecord(one) && typeof one['kind'] === 'string' && typeof one['name'] === 'string'),
  customRules: (value) => Array.isArray(value) && value.every(isRule),
  baseline: (value) => typeof value === 'string',
  base: (value) => typeof value === 'string',
  kubernetesVersion: (value) => typeof value === 'string',
};

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isRule(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['id'] === 'string' &&
    value['id'].includes('/') &&
    typeof value['check'] === 'function' &&
    typeof value['appliesTo'] === 'function'
  );
}

function isConfig(value: unknown): value is LintConfig {
  return (
    isRecord(value) &&
    Object.entries(value).every(([name, part]) => part === undefined || fields[name]?.(part) === true)
  );
}

function complaint(value: unknown): string {
  if (!isRecord(value)) return 'its default export is no configuration';
  for (const [name, part] of Object.entries(value)) {
    const check = fields[name];
    if (!check) {
      const similar = nearest(name, Object.keys(fields));
      return `there is no setting ${name}${similar === undefined ? '' : `; did you mean ${similar}?`}`;
    }
    if (part !== undefined && !check(part)) return `${name} is not of the form that it has to have`;
  }
  return 'its default export is no configuration';
}

/** @throws ConfigError for what is no configuration, or does not run */
export async function loadConfigFile(file: string): Promise<LintConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'kubewright-'));
  try {
    const { code } = await bundle(file);
    const built = join(folder, 'config.mjs');
    await writeFile(built, code, { mode: 0o600 });
    const loaded: unknown = await import(pathToFileURL(built).href);
    const config = isRecord(Object(loaded)) ? Reflect.get(Object(loaded), 'default') : undefined;
    if (!isConfig(config)) throw new ConfigError(complaint(config));
    return config;
  } catch (error) {
    if (error instanceof CompileError || error instanceof Error) throw new ConfigError(`${file}: ${error.message}`);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
