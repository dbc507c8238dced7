/** What expressions of admission policies and webhooks may speak of, and whether they can be read. */
import { CelError, compile } from '../cel/expression.ts';
import type { CelExpression } from '../cel/expression.ts';
import type { IssueSink } from '../field-issue.ts';

const always = ['object', 'oldObject', 'request', 'namespaceObject', 'authorizer'];

/** Names in expressions of a policy. */
export function policyVariables(hasParams: boolean): readonly string[] {
  return [...always, 'variables', ...(hasParams ? ['params'] : [])];
}

/** Names in match conditions of webhooks. */
export const webhookVariables: readonly string[] = always.filter((name) => name !== 'namespaceObject');

/** Complains about an expression that cannot be read or gives something else than is wanted. */
export function checkExpressionText(
  text: string | undefined,
  variables: readonly string[],
  type: 'bool' | 'string' | undefined,
  at: IssueSink,
): void {
  if (text === undefined || text.trim() === '') return;
  let expression: CelExpression;
  try {
    expression = compile(text, variables);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    at.invalid(text, `compilation failed: ${error.message}`);
    return;
  }
  if (type !== undefined && expression.type !== 'dyn' && expression.type !== type) {
    at.invalid(text, `must evaluate to ${type}`);
  }
}
