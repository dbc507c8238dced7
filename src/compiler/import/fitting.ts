/** Programs whose every line type-checks: what says something that its builder's type refuses is taken as it is, by `raw`. */
import { isRecord } from '../../shared/deep.ts';
import { kindBases, Registry } from '../../types/registry.ts';
import { builtInSchemas } from '../../types/schema-table.ts';
import { resolveSchema } from '../../types/schema.ts';
import type { Schema } from '../../types/schema.ts';
import { builtInKinds } from '../../types/kinds/index.ts';
import { checkCandidate, lostNamespace } from '../check.ts';
import type { ManifestSource } from './imported-object.ts';
import type { Misfit } from './misfits.ts';
import { programOf } from './program.ts';
import type { Prelude, Program } from './program.ts';

/** What one object may no longer say by handle, others may say by it next. */
const mostRounds = 5;

/** Whether a field is missing that the types ask for. Servers take some of them as empty. */
function lacksRequired(value: unknown, schema: Schema): boolean {
  const resolved = resolveSchema(schema, builtInSchemas);
  const { items, properties = {}, required = [] } = resolved;
  if (Array.isArray(value)) return items !== undefined && value.some((item) => lacksRequired(item, items));
  if (!isRecord(value)) return false;
  if (resolved.type === 'map')
    return items !== undefined && Object.values(value).some((one) => lacksRequired(one, items));
  if (required.some((field) => !(field in value))) return true;
  return Object.entries(value).some(([field, child]) => {
    const property = Object.hasOwn(properties, field) ? properties[field] : undefined;
    return property !== undefined && lacksRequired(child, property);
  });
}

/** Names of ports, and those that probes and hooks ask for. */
function notePorts(value: unknown, names: Set<string>, wanted: Set<string>, field = ''): void {
  if (Array.isArray(value)) value.forEach((item) => notePorts(item, names, wanted, field));
  if (!isRecord(value)) return;
  const { name, port } = value;
  if (field === 'ports' && typeof name === 'string') names.add(name);
  if (/^(?:httpGet|tcpSocket)$/.test(field) && typeof port === 'string') wanted.add(port);
  for (const [key, child] of Object.entries(value)) notePorts(child, names, wanted, key);
}

/** Servers only find out when the probe runs. */
function lacksPort(object: unknown): boolean {
  const names = new Set<string>();
  const wanted = new Set<string>();
  notePorts(object, names, wanted);
  return [...wanted].some((name) => !names.has(name));
}

function hasFindings(object: ManifestSource['object'], registry: Registry): boolean {
  try {
    const { findings, kind, object: checked } = checkCandidate(object, registry);
    return [...findings, ...lostNamespace(checked, kind, false)].some(({ layer }) => layer !== 'identity');
  } catch {
    // What no rule was made for is for the compiler to judge.
    return true;
  }
}

/**
 * Types and rules agree on nearly all that can be wrong, and the rules take milliseconds: only where they find something, or know
 * less than the types do, is it worth while to ask the compiler.
 */
function isSuspect({ object }: ManifestSource, registry: Registry, prelude: Prelude | undefined): boolean {
  if (prelude?.builders.has(`${object.apiVersion}.${object.kind}`) === true) return true;
  if ('status' in object || hasFindings(object, registry) || lacksPort(object)) return true;
  const typeName = `${object.apiVersion}.${object.kind}`;
  return kindBases().has(typeName) && lacksRequired(object, builtInSchemas.resolve(typeName));
}

export async function fittingProgram(
  sources: readonly ManifestSource[],
  prelude?: Prelude,
  typeErrors?: (text: string) => readonly Misfit[],
): Promise<Program> {
  const registry = new Registry(builtInKinds);
  const written = programOf(sources, prelude);
  if (!sources.some((source) => isSuspect(source, registry, prelude))) return written;
  const misfitsIn = typeErrors ?? (await import('./misfits.ts')).misfitsOf;
  const reasons = new Map<number, string>();
  let program = written;
  for (let round = 0; round < mostRounds; round++) {
    const before = reasons.size;
    for (const { line, reason } of misfitsIn(program.text)) {
      const index = program.sourceAt(line);
      if (index !== undefined && !reasons.has(index)) reasons.set(index, reason);
    }
    if (reasons.size === before) break;
    const marked = sources.map((source, index) => ({ ...source, misfit: reasons.get(index) }));
    program = programOf(marked, prelude);
  }
  return program;
}
