/** Who uses which object: by its name, by a part of it, or by selecting its pods. */
import { objectSymbol } from './facts.ts';
import type { Fact, ObjectFact } from './facts.ts';
import type { Span } from './outline.ts';
import type { Piece, Placed, Project } from './project.ts';
import { fitsLabels, isEmptySelector } from './selector-at.ts';

export interface Use {
  readonly object: Placed<ObjectFact>;
  /** Where it is said, in the piece of the one that says it. */
  readonly span: Span;
}

export function symbolOfObject({ group, kind, namespace, name }: ObjectFact): string {
  return objectSymbol(group, kind, namespace, name);
}

/** The object that a key or a port belongs to: its symbol begins with that of the object. */
function ownerOf({ symbol }: Fact): string | undefined {
  return symbol.startsWith('object|') ? symbol.split('|', 5).join('|') : undefined;
}

function isInside(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function holderOf(project: Project, piece: Piece, span: Span): Placed<ObjectFact> | undefined {
  const fact = project.facts(piece).objects.find(({ whole }) => isInside(span, whole));
  return fact ? { fact, piece } : undefined;
}

/** Objects that name this one or select its pods. */
export function usersOf(project: Project, { fact: used }: Placed<ObjectFact>): readonly Use[] {
  const symbol = symbolOfObject(used);
  const uses: Use[] = [];
  const add = (piece: Piece, span: Span): void => {
    const object = holderOf(project, piece, span);
    if (object && symbolOfObject(object.fact) !== symbol) uses.push({ object, span });
  };
  for (const [key, places] of project.symbols.bySymbol) {
    if (key !== symbol && !key.startsWith(`${symbol}|`)) continue;
    for (const { fact, piece } of places) if (fact.role === 'names') add(piece, fact.span);
  }
  const { podLabels } = used;
  if (!podLabels) return uses;
  for (const { fact, piece } of project.symbols.selectors) {
    if (fact.own || fact.namespace !== used.namespace || isEmptySelector(fact.selector)) continue;
    if (fitsLabels(fact.selector, podLabels)) add(piece, fact.span);
  }
  return uses;
}

/** Objects that this one names, and those whose pods it selects. */
export function usedBy(project: Project, { fact: user, piece }: Placed<ObjectFact>): readonly Use[] {
  const { facts, selectors } = project.facts(piece);
  const uses: Use[] = [];
  const own = symbolOfObject(user);
  for (const fact of facts) {
    const symbol = fact.role === 'names' ? ownerOf(fact) : undefined;
    if (symbol === undefined || symbol === own || !isInside(fact.span, user.whole)) continue;
    const object = project.symbols.objects.find((one) => symbolOfObject(one.fact) === symbol);
    if (object) uses.push({ object, span: fact.span });
  }
  for (const selector of selectors) {
    if (selector.own || isEmptySelector(selector.selector) || !isInside(selector.whole, user.whole)) continue;
    for (const object of project.podsSelected(selector))
      if (symbolOfObject(object.fact) !== own) uses.push({ object, span: selector.span });
  }
  return uses;
}
