/** The name under the cursor. */
import type { Fact, PortFact } from './facts.ts';
import type { Span } from './outline.ts';
import type { Placed, Project } from './project.ts';
import type { Cursor } from './session.ts';

export type NameAt = { readonly of: 'fact'; readonly fact: Fact } | { readonly of: 'port'; readonly port: PortFact };

function holds({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

export function nameAt({ project, piece, offset }: Cursor): NameAt | undefined {
  const { facts, ports } = project.facts(piece);
  const port = ports.find(({ span }) => holds(span, offset));
  if (port) return { of: 'port', port };
  const fitting = facts.filter(({ span }) => holds(span, offset));
  // A reference says more than the declaration of a part around it.
  const fact = fitting.find(({ role }) => role === 'names') ?? fitting[0];
  return fact ? { of: 'fact', fact } : undefined;
}

export interface NamePlace {
  readonly placed: Placed<{ readonly span: Span; readonly whole?: Span; readonly role: 'declares' | 'names' }>;
}

/** Everywhere the same thing is declared or named; of ports, in the Services and in the probes of the same container. */
export function placesOfName(name: NameAt, { project, piece }: Cursor): readonly NamePlace[] {
  if (name.of === 'fact') return project.placesOf(name.fact, piece).map((placed) => ({ placed }));
  return portPlaces(project, name.port, piece);
}

function portPlaces(project: Project, port: PortFact, piece: Cursor['piece']): readonly NamePlace[] {
  const shared = project.portsLike(port).map((placed) => ({ placed }));
  const probes = shared
    .filter(({ placed }) => placed.fact.role === 'declares')
    .flatMap(({ placed }) => {
      const { facts } = project.facts(placed.piece);
      const own = facts.find(({ what, span }) => what === 'container-port' && span === placed.fact.span);
      const named = facts.filter(({ symbol, role }) => symbol === own?.symbol && role === 'names');
      return named.map((fact) => ({ placed: { fact, piece: placed.piece } }));
    });
  return shared.length > 0 ? [...shared, ...probes] : [{ placed: { fact: port, piece } }];
}
