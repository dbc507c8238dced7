/** `kubewright/lint`: the rules for programs. */
import { checkCandidate, isCandidate } from '../compiler/check.ts';
import type { Candidate } from '../compiler/check.ts';
import { pathText } from '../types/field-issue.ts';
import type { LintConfig } from './config.ts';
import type { Diagnostic } from './diagnostics.ts';
import { forTarget } from './target-version.ts';
import { Workspace } from './workspace.ts';

export { ConfigError } from './config.ts';
export type { LintConfig, Override, RuleSetting } from './config.ts';
export type { Diagnostic, Fix, Position, Range, TextEdit } from './diagnostics.ts';
export type { LintedObject, LintRule, RuleFinding, Surroundings } from './rule.ts';
export { applyEdits } from './fixes.ts';
export { schemaRule } from './schema-rule.ts';
export type { SchemaRule } from './schema-rule.ts';
export { userRule } from './user-rule.ts';
export type { CelRule, Trait, UserFinding, UserRule } from './user-rule.ts';
export { Workspace } from './workspace.ts';

export interface LintOptions {
  readonly config?: LintConfig;
  /** Name of the text in the findings. Default `manifests.yaml`. */
  readonly file?: string;
}

export interface LintedFinding extends Diagnostic {
  /** `spec.template.spec.containers[0].image`; empty for a whole object. */
  readonly path: string;
}

/** Gives a configuration its type; returns it unchanged. */
export function defineConfig(config: LintConfig): LintConfig {
  return config;
}

/**
 * What is wrong with the manifests of a YAML or JSON text, or with objects.
 *
 * @throws ConfigError for a configuration that names rules or presets that there are not
 * @throws TypeError for an object without apiVersion and kind
 */
export function lint(input: string | readonly object[], options: LintOptions = {}): readonly LintedFinding[] {
  const workspace = new Workspace(options.config ? { config: options.config } : {});
  const file = options.file ?? (typeof input === 'string' ? 'manifests.yaml' : 'objects');
  if (typeof input === 'string') workspace.setFile(file, input);
  else {
    const { registry } = workspace;
    const start = { line: 1, column: 1, offset: 0 };
    const made = input.map((object) => {
      const checked = forTarget(checkCandidate(candidateOf(object), registry), workspace.settings.minor);
      return { checked, complete: true, place: () => ({ start, end: start }) };
    });
    workspace.setObjects(file, made);
  }
  return workspace.diagnostics(file).map((found) => ({ ...found, path: pathText(found.fieldPath) }));
}

function candidateOf(object: object): Candidate {
  if (!isCandidate(object)) throw new TypeError('an object of the API has apiVersion and kind');
  return object;
}
