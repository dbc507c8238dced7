/** Where a patch in a program changes a field: as a part of an object, an operation, or an assignment to a draft. */
import ts from 'typescript';
import type { FieldPath } from '../../types/field-issue.ts';
import { Search } from './search.ts';
import type { Found, Subject } from './search.ts';
import { isFunc, literalValue, nameText, unwrap } from './syntax.ts';
import type { Func } from './syntax.ts';
import type { Known, Values } from './values.ts';

/** Undefined for a patch that leaves the field alone. */
export function patchPlace(
  values: Values,
  patch: Known,
  path: FieldPath,
  subject: Subject | undefined,
): Found | undefined {
  if (path.length === 0) return undefined;
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment));
  for (const known of values.of(patch)) {
    const { node } = known;
    const found = isFunc(node)
      ? assignment(node, keys)
      : ts.isArrayLiteralExpression(node)
        ? operation(values, known, keys)
        : new Search(values, path, subject).from(known);
    if (found?.whole === true) return found;
  }
  return undefined;
}

/** RFC 6902: the last operation on the field, or on what it is in. */
function operation(values: Values, list: Known, keys: readonly (string | number)[]): Found | undefined {
  const pointer = keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const fitting = values.elementsOf(list).filter((item) =>
    values
      .of(item)
      .flatMap((value) => values.step(value, 'path'))
      .flatMap(({ value }) => (value ? values.of(value) : []))
      .some(({ node }) => {
        const path = literalValue(node)?.value;
        return typeof path === 'string' && (pointer === path || pointer.startsWith(`${path}/`));
      }),
  );
  const last = fitting.at(-1);
  const [value] = last ? values.of(last).flatMap((item) => values.step(item, 'value')) : [];
  return value && { place: value.place, whole: true };
}

/** `draft.spec.replicas = 3`: the last assignment to the field, or to what it is in. */
function assignment(change: Func, keys: readonly (string | number)[]): Found | undefined {
  const draft = change.parameters[0]?.name;
  if (!draft || !ts.isIdentifier(draft) || !change.body) return undefined;
  let found: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const chain = accessChain(node.left, draft.text);
      if (chain && chain.length > 0 && chain.every((key, index) => key === undefined || key === String(keys[index])))
        found = node;
    }
    ts.forEachChild(node, visit);
  };
  visit(change.body);
  return found && { place: found, whole: true };
}

/** The steps from a name to what is accessed; undefined in it where a step is computed. */
function accessChain(node: ts.Expression, from: string): readonly (string | undefined)[] | undefined {
  const inner = unwrap(node);
  if (ts.isIdentifier(inner)) return inner.text === from ? [] : undefined;
  if (ts.isPropertyAccessExpression(inner)) {
    const before = accessChain(inner.expression, from);
    return before && [...before, inner.name.text];
  }
  if (!ts.isElementAccessExpression(inner)) return undefined;
  const before = accessChain(inner.expression, from);
  return before && [...before, nameText(inner.argumentExpression)];
}
