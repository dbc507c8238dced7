/**
 * What an expression of a program may stand for, without running it: literals behind names, parameters, calls, loops and
 * imports. Several answers where the text alone leaves several; none is made up.
 */
import ts from 'typescript';
import type { Declaration, Declarations } from './declarations.ts';
import { isFunc, literalValue, nameText, returnsOf, unwrap } from './syntax.ts';
import type { Func } from './syntax.ts';

/** A node, and what the parameters of the functions around it are bound to. */
export interface Known {
  readonly node: ts.Node;
  readonly env: Env;
}
export type Env = ReadonlyMap<ts.Node, readonly Known[]>;

/** One step further into a value: the property or element, and what it holds. */
export interface Step {
  readonly place: ts.Node;
  readonly value: Known | undefined;
}

/** Programs that go round in circles, or have very many possibilities, are followed this far. */
const mostSteps = 4_000;
const mostAnswers = 64;

/** Calls that give their list back with fewer elements, or in another order. */
const sameElements: ReadonlySet<string> = new Set([
  ...['filter', 'slice', 'sort', 'toSorted', 'reverse', 'toReversed', 'flat', 'concat'],
]);

export class Values {
  #steps = 0;

  constructor(readonly declarations: Declarations) {}

  /** Literals, functions and calls of foreign functions that an expression may stand for. */
  of(known: Known): readonly Known[] {
    this.#steps += 1;
    if (this.#steps > mostSteps) return [known];
    const node = ts.isExpression(known.node) ? unwrap(known.node) : known.node;
    const { env } = known;
    const found = this.#behind(node, env).slice(0, mostAnswers);
    return found.length > 0 ? found : [{ node, env }];
  }

  #behind(node: ts.Node, env: Env): readonly Known[] {
    const all = (...nodes: readonly ts.Expression[]): readonly Known[] =>
      nodes.flatMap((one) => this.of({ node: one, env }));
    if (ts.isIdentifier(node)) {
      const declaration = this.declarations.of(node);
      return declaration ? this.#declared(declaration, env) : [];
    }
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))
      return this.#accessed(node, env).flatMap(({ value }) => (value ? this.of(value) : []));
    if (ts.isCallExpression(node)) return this.#called(node, env);
    if (ts.isConditionalExpression(node)) return all(node.whenTrue, node.whenFalse);
    if (ts.isBinaryExpression(node) && isChoice(node.operatorToken.kind)) return all(node.left, node.right);
    return [];
  }

  #declared(declaration: Declaration, env: Env): readonly Known[] {
    if (ts.isSourceFile(declaration)) {
      const [first] = declaration.statements;
      const isJson = declaration.fileName.endsWith('.json') && first && ts.isExpressionStatement(first);
      return [{ node: isJson ? first.expression : declaration, env }];
    }
    if (ts.isExportAssignment(declaration)) return this.of({ node: declaration.expression, env });
    if (ts.isVariableDeclaration(declaration) || ts.isParameter(declaration) || ts.isBindingElement(declaration))
      return this.#held(declaration, env).flatMap((value) => this.of(value));
    return [{ node: declaration, env }];
  }

  /** What a variable, a parameter or a part of a pattern is given. */
  #held(holder: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement, env: Env): readonly Known[] {
    const standard = holder.initializer ? [{ node: holder.initializer, env }] : [];
    if (ts.isParameter(holder)) return env.get(holder) ?? [];
    if (ts.isVariableDeclaration(holder)) {
      const loop = holder.parent.parent;
      return ts.isForOfStatement(loop) ? this.elementsOf({ node: loop.expression, env }) : standard;
    }
    const pattern = holder.parent;
    const whole = this.#held(pattern.parent, env).flatMap((value) => this.of(value));
    const part = ts.isArrayBindingPattern(pattern)
      ? pattern.elements.indexOf(holder)
      : nameText(holder.propertyName ?? holder.name);
    if (part === undefined || holder.dotDotDotToken) return [];
    const found = whole.flatMap((value) => this.step(value, part)).flatMap(({ value }) => (value ? [value] : []));
    return found.length > 0 ? found : standard;
  }

  #accessed(node: ts.PropertyAccessExpression | ts.ElementAccessExpression, env: Env): readonly Step[] {
    const names = ts.isPropertyAccessExpression(node)
      ? [node.name.text]
      : this.of({ node: node.argumentExpression, env }).flatMap((value) => {
          const literal = literalValue(value.node)?.value;
          return typeof literal === 'string' || typeof literal === 'number' ? [literal] : [];
        });
    if (node.expression.kind === ts.SyntaxKind.ThisKeyword)
      return names.flatMap((name) => memberOf(node, String(name), env));
    return this.of({ node: node.expression, env }).flatMap((base) => names.flatMap((name) => this.step(base, name)));
  }

  /** What a call gives back: of functions of the program what they return, of some of the language's what is known of them. */
  #called(call: ts.CallExpression, env: Env): readonly Known[] {
    const callee = unwrap(call.expression);
    const [first] = call.arguments;
    const text = callee.getText();
    if (first && (text === 'Object.freeze' || text === 'structuredClone' || text === 'Object.seal'))
      return this.of({ node: first, env });
    return this.of({ node: callee, env })
      .flatMap(({ node, env: own }) => (isFunc(node) ? [{ func: node, env: own }] : []))
      .flatMap(({ func, env: own }) => {
        const inside = new Map([...own, ...bound(func, call.arguments, env)]);
        return returnsOf(func).flatMap((node) => this.of({ node, env: inside }));
      });
  }

  /** A property or an element of a value that `of` gave. */
  step(value: Known, segment: string | number): readonly Step[] {
    const steps = typeof segment === 'number' ? this.#element(value, segment) : this.#property(value, segment);
    return steps.slice(0, mostAnswers);
  }

  #property({ node, env }: Known, name: string): readonly Step[] {
    if (ts.isObjectLiteralExpression(node)) return this.#ofLiteral(node, env, name);
    if (ts.isEnumDeclaration(node)) {
      const member = node.members.find((candidate) => nameText(candidate.name) === name);
      return member ? [{ place: member, value: member.initializer && { node: member.initializer, env } }] : [];
    }
    if (ts.isSourceFile(node)) {
      const declaration = this.declarations.exported(node, name);
      return declaration ? this.#declared(declaration, env).map((value) => ({ place: declaration, value })) : [];
    }
    // Later arguments win.
    if (ts.isCallExpression(node) && node.expression.getText() === 'Object.assign')
      return firstOf([...node.arguments].reverse(), (part) =>
        this.of({ node: part, env }).flatMap((value) => this.#property(value, name)),
      );
    return [];
  }

  #ofLiteral({ properties }: ts.ObjectLiteralExpression, env: Env, name: string): readonly Step[] {
    const found: Step[] = [];
    const perhaps: Step[] = [];
    // Later properties win, as they do when the literal is evaluated.
    for (const property of [...properties].reverse()) {
      if (ts.isSpreadAssignment(property)) {
        const parts = this.of({ node: property.expression, env });
        const inside = parts.map((part) => this.#property(part, name));
        found.push(...inside.flat());
        if (inside.every((steps) => steps.length > 0)) return found;
        continue;
      }
      const match = this.#isNamed(property.name, name, env);
      if (match === undefined) perhaps.push(stepOf(property, env));
      if (match === true) return [...found, stepOf(property, env)];
    }
    return found.length > 0 || perhaps.length > 1 ? found : perhaps;
  }

  /** Undefined where the name is computed in ways that are not followed. */
  #isNamed(key: ts.PropertyName, name: string, env: Env): boolean | undefined {
    const text = nameText(key);
    if (text !== undefined) return text === name;
    if (!ts.isComputedPropertyName(key)) return false;
    const values = this.of({ node: key.expression, env }).map(({ node }) => literalValue(node)?.value);
    if (values.some((value) => value === undefined)) return undefined;
    return values.some((value) => String(value) === name);
  }

  #element(value: Known, index: number): readonly Step[] {
    const { node, env } = value;
    if (ts.isArrayLiteralExpression(node)) {
      const flat = this.#flat(node, env);
      const at = flat?.[index];
      if (at) return [stepTo(at)];
      return flat ? this.#pushed(node, env, index - flat.length) : this.elementsOf(value).map(stepTo);
    }
    const mapped = mapping(node);
    if (!mapped) return this.elementsOf(value).map(stepTo);
    const items = this.of({ node: mapped.list, env }).flatMap((list) => this.#element(list, index));
    return this.#results(
      mapped.callback,
      env,
      items.flatMap((item) => (item.value ? [item.value] : [])),
    ).map(stepTo);
  }

  /** The elements of a literal, those of spread literals among them; undefined where their number is not known. */
  #flat({ elements }: ts.ArrayLiteralExpression, env: Env): readonly Known[] | undefined {
    const flat: Known[] = [];
    for (const element of elements) {
      if (!ts.isSpreadElement(element)) {
        flat.push({ node: element, env });
        continue;
      }
      const [only, ...others] = this.of({ node: element.expression, env });
      const inner =
        only && others.length === 0 && ts.isArrayLiteralExpression(only.node)
          ? this.#flat(only.node, only.env)
          : undefined;
      if (!inner) return undefined;
      flat.push(...inner);
    }
    return flat;
  }

  /** What was pushed onto the list that a literal begins: the one at an index, or all when that is not certain. */
  #pushed(literal: ts.ArrayLiteralExpression, env: Env, index: number): readonly Step[] {
    const { parent } = literal;
    const holder = ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent) ? parent.parent : parent;
    if (!ts.isVariableDeclaration(holder) || !ts.isIdentifier(holder.name)) return [];
    const { text } = holder.name;
    const scope = holder.parent.parent.parent;
    const pushed: ts.Expression[] = [];
    let straight = true;
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText() === `${text}.push`) {
        pushed.push(...node.arguments);
        const statement = node.parent.parent;
        if (statement !== scope || node.arguments.some((item) => ts.isSpreadElement(item))) straight = false;
      }
      ts.forEachChild(node, visit);
    };
    visit(scope);
    const items = straight ? pushed.slice(index, index + 1) : pushed;
    return items.map((item) => stepTo({ node: ts.isSpreadElement(item) ? item.expression : item, env }));
  }

  /** Everything that a list may hold, wherever in it. */
  elementsOf(list: Known): readonly Known[] {
    return this.of(list).flatMap((value) => this.#members(value));
  }

  #members({ node, env }: Known): readonly Known[] {
    if (ts.isArrayLiteralExpression(node)) {
      const own = node.elements.flatMap((element) =>
        ts.isSpreadElement(element) ? this.elementsOf({ node: element.expression, env }) : [{ node: element, env }],
      );
      return [...own, ...this.#pushed(node, env, 0).flatMap(({ value }) => (value ? [value] : []))];
    }
    if (!ts.isCallExpression(node)) return [];
    const [first] = node.arguments;
    if (first && node.expression.getText() === 'Object.values')
      return this.of({ node: first, env }).flatMap((value) =>
        ts.isObjectLiteralExpression(value.node)
          ? value.node.properties.flatMap((property) =>
              ts.isPropertyAssignment(property) ? [{ node: property.initializer, env: value.env }] : [],
            )
          : [],
      );
    const mapped = mapping(node);
    if (mapped) {
      const results = this.#results(mapped.callback, env, this.elementsOf({ node: mapped.list, env }));
      return mapped.flat ? results.flatMap((result) => this.elementsOf(result)) : results;
    }
    const callee = node.expression;
    if (!ts.isPropertyAccessExpression(callee) || !sameElements.has(callee.name.text)) return [];
    const lists = callee.name.text === 'concat' ? [callee.expression, ...node.arguments] : [callee.expression];
    return lists.flatMap((one) => this.elementsOf({ node: one, env }));
  }

  /** What a callback makes of items. */
  #results(callback: ts.Expression, env: Env, items: readonly Known[]): readonly Known[] {
    return this.of({ node: callback, env }).flatMap(({ node: func, env: own }) => {
      if (!isFunc(func)) return [];
      const [parameter] = func.parameters;
      const inside = parameter ? new Map([...own, [parameter, items] as const]) : own;
      return returnsOf(func).map((node) => ({ node, env: inside }));
    });
  }
}

function isChoice(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.QuestionQuestionToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.AmpersandAmpersandToken
  );
}

function firstOf<T>(parts: readonly ts.Expression[], find: (part: ts.Expression) => readonly T[]): readonly T[] {
  for (const part of parts) {
    const found = find(part);
    if (found.length > 0) return found;
  }
  return [];
}

function stepTo(value: Known): Step {
  return { place: value.node, value };
}

function stepOf(property: ts.ObjectLiteralElementLike, env: Env): Step {
  if (ts.isPropertyAssignment(property)) return { place: property, value: { node: property.initializer, env } };
  if (ts.isShorthandPropertyAssignment(property)) return { place: property, value: { node: property.name, env } };
  const [result] = ts.isGetAccessorDeclaration(property) ? returnsOf(property) : [];
  return { place: property, value: result && { node: result, env } };
}

/** What `this.name` is, in the class around it. */
function memberOf(node: ts.Node, name: string, env: Env): readonly Step[] {
  let around: ts.Node = node;
  while (!ts.isClassLike(around) && !ts.isSourceFile(around)) around = around.parent;
  if (ts.isSourceFile(around)) return [];
  const member = around.members.find((candidate) => nameText(candidate.name) === name);
  if (!member) return [];
  if (ts.isPropertyDeclaration(member) && member.initializer)
    return [{ place: member, value: { node: member.initializer, env } }];
  if (ts.isMethodDeclaration(member)) return [{ place: member, value: { node: member, env } }];
  const [result] = ts.isGetAccessorDeclaration(member) ? returnsOf(member) : [];
  return [{ place: member, value: result && { node: result, env } }];
}

/** Parameters of a function and the arguments of a call of it. */
export function bound(func: Func, given: readonly ts.Expression[], env: Env): Env {
  return new Map(
    func.parameters.map((parameter, index) => {
      const argument = given[index];
      const standard = parameter.initializer;
      const node = argument && !ts.isSpreadElement(argument) ? argument : standard;
      return [parameter, node ? [{ node, env }] : []] as const;
    }),
  );
}

interface Mapping {
  readonly list: ts.Expression;
  readonly callback: ts.Expression;
  readonly flat: boolean;
}

/** `list.map(callback)`, `list.flatMap(callback)`, `Array.from(list, callback)`. */
export function mapping(node: ts.Node): Mapping | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const [first, second] = node.arguments;
  const { name, expression } = node.expression;
  if (name.text === 'from' && expression.getText() === 'Array')
    return first && second ? { list: first, callback: second, flat: false } : undefined;
  if (!first || !['map', 'flatMap', 'forEach'].includes(name.text)) return undefined;
  return { list: expression, callback: first, flat: name.text === 'flatMap' };
}
