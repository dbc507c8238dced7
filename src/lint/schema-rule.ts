/** Rules of one's own written as JSON Schema: what the schema does not allow is what they find. */
import type { LintRule } from './rule.ts';
import { userRule } from './user-rule.ts';
import type { UserRule } from './user-rule.ts';

export type SchemaRule = Omit<UserRule, 'check' | 'cel' | 'schema'> & Required<Pick<UserRule, 'schema'>>;

/** @throws ConfigError for what is no JSON Schema */
export function schemaRule(rule: SchemaRule): LintRule {
  return userRule(rule);
}
