/** What can be done about a finding: edits of the file that holds it. */
import { resolveSchema } from '../types/schema.ts';
import { builtInSchemas } from '../types/schema-table.ts';
import type { JsonValue } from '../shared/deep.ts';
import type { Schema } from '../types/schema.ts';
import type { Diagnostic, TextEdit } from '../lint/diagnostics.ts';
import { stepsOf } from '../lint/document.ts';
import type { ReadObject } from '../lint/document.ts';
import { editsOf } from '../lint/fixes.ts';
import { migrationEdits } from './migrations.ts';
import { clusterScope } from './facts.ts';
import type { Piece, Project } from './project.ts';
import { placeAt } from './schema-place.ts';

export interface QuickFix {
  readonly title: string;
  /** Certain enough for a single keystroke. */
  readonly preferred: boolean;
  /** Undefined where it turns out that it cannot be done. */
  edits(): readonly TextEdit[] | undefined;
}

/** `did you mean image?`, `is kinds meant to be it?` */
function replacement({ rule, message, range }: Diagnostic): QuickFix | undefined {
  const meant = /did you mean (\S+?)\?/.exec(message)?.[1];
  if (meant === undefined || !['unknown-field', 'unknown-kind', 'unknown-version'].includes(rule)) return undefined;
  const edit = { start: range.start.offset, end: range.end.offset, newText: meant };
  return { title: `Replace by ${meant}`, preferred: true, edits: () => (edit.end > edit.start ? [edit] : undefined) };
}

const versionRules: ReadonlySet<string> = new Set(['unknown-version', 'removed-api', 'deprecated-api']);

/** `there is no Ingress in networking.k8s.io/v9; Kubernetes 1.36 has it in networking.k8s.io/v1`, `... was removed ...; use apps/v1` */
function migration({ rule, message, range }: Diagnostic, project: Project, piece: Piece): readonly QuickFix[] {
  if (!versionRules.has(rule)) return [];
  const list = /has it in ([^;]+?)(?:;|$)/.exec(message)?.[1] ?? /\buse ([a-z0-9.-]*\/?v\d\w*)$/.exec(message)?.[1];
  const versions = list?.split(', ') ?? [];
  const read = objectAtOffset(project, piece, range.start.offset);
  return versions.map((version) => ({
    title: `Move to ${version}`,
    preferred: versions.length === 1,
    edits: () => (read ? migrationEdits(version, read, piece.document) : undefined),
  }));
}

function objectAtOffset({ workspace }: Project, { path, part }: Piece, offset: number): ReadObject | undefined {
  const reads = workspace
    .entries(path)
    .flatMap(({ read, place }) => (read && part.objects.includes(read) ? [{ read, at: place(['apiVersion']) }] : []));
  const exact = reads.find(({ at }) => at.start.offset <= offset && offset <= at.end.offset);
  return (exact ?? reads.findLast(({ at }) => at.start.offset <= offset) ?? reads[0])?.read;
}

/** The least that a field may hold. */
function emptyValue(schema: Schema, depth = 0): JsonValue {
  if (schema.enum?.[0] !== undefined) return schema.enum[0];
  switch (schema.type) {
    case 'object': {
      if (depth > 3) return {};
      const pairs = (schema.required ?? []).flatMap((name) => {
        const property = schema.properties?.[name];
        return property ? [[name, emptyValue(resolveSchema(property, builtInSchemas), depth + 1)] as const] : [];
      });
      return Object.fromEntries(pairs);
    }
    case 'array':
      return schema.items ? [emptyValue(resolveSchema(schema.items, builtInSchemas), depth + 1)] : [];
    case 'map':
      return {};
    case 'boolean':
      return false;
    case 'int32':
    case 'int64':
    case 'double':
    case 'int-or-string':
      return 1;
    default:
      return '';
  }
}

/** A field that has to be there and is not. */
function missingField(diagnostic: Diagnostic, project: Project, piece: Piece): QuickFix | undefined {
  if (diagnostic.rule !== 'field-value-required') return undefined;
  const path = diagnostic.fieldPath;
  const entry = project.workspace
    .entries(piece.path)
    .find(({ read, title }) => read !== undefined && piece.part.objects.includes(read) && title === diagnostic.object);
  const { read, subject } = entry ?? {};
  const name = path.at(-1);
  if (!read || !subject?.kind || typeof name !== 'string') return undefined;
  const place = placeAt(subject.kind, stepsOf(path));
  if (!place) return undefined;
  const set = emptyValue(place.schema);
  const fix = { title: '', changes: [{ path, set }] };
  return { title: `Add ${name}`, preferred: true, edits: () => editsOf(fix, read, piece.document) };
}

const creatable: ReadonlyMap<string, (name: string, keys: readonly string[]) => string> = new Map([
  ['ConfigMap', (name, keys) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${data('data', keys)}`],
  [
    'Secret',
    (name, keys) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\ntype: Opaque\n${data('stringData', keys)}`,
  ],
  ['ServiceAccount', (name) => `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${name}\n`],
  [
    'Role',
    (name) =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: ${name}\nrules:\n  - apiGroups: [""]\n    resources: [pods]\n    verbs: [get, list, watch]\n`,
  ],
  [
    'ClusterRole',
    (name) =>
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: ${name}\nrules:\n  - apiGroups: [""]\n    resources: [pods]\n    verbs: [get, list, watch]\n`,
  ],
  [
    'PriorityClass',
    (name) => `apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata:\n  name: ${name}\nvalue: 1000\n`,
  ],
  ['Namespace', (name) => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n`],
  [
    'PersistentVolumeClaim',
    (name) =>
      `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: ${name}\nspec:\n  accessModes:\n    - ReadWriteOnce\n  resources:\n    requests:\n      storage: 1Gi\n`,
  ],
  [
    'Service',
    (name) =>
      `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  selector:\n    app.kubernetes.io/name: ${name}\n  ports:\n    - name: http\n      port: 80\n`,
  ],
]);

function data(field: string, keys: readonly string[]): string {
  return `${field}:${keys.length === 0 ? ' {}' : keys.map((key) => `\n  ${key}: ""`).join('')}\n`;
}

/** An object that is named at a place and declared nowhere: in a document of its own, at the end of the file. */
export function missingObject(project: Project, piece: Piece, offset: number): QuickFix | undefined {
  const { facts } = project.facts(piece);
  const named = facts.find(
    ({ role, what, span }) => role === 'names' && what === 'object' && span.start <= offset && offset <= span.end,
  );
  if (!named) return undefined;
  const places = project.placesOf(named, piece);
  if (places.some(({ fact }) => fact.role === 'declares')) return undefined;
  const [, , kind = '', namespace = ''] = named.symbol.split('|');
  const write = creatable.get(kind);
  if (!write) return undefined;
  const prefix = `${named.symbol}|`;
  const keys = facts.flatMap(({ symbol, role, name, what }) =>
    role === 'names' && what === 'key' && symbol.startsWith(prefix) ? [name] : [],
  );
  const object = write(named.name, [...new Set(keys)]);
  const inNamespace =
    namespace === '' || namespace === clusterScope
      ? object
      : object.replace(/^( {2}name: .*)$/m, `$1\n  namespace: ${namespace}`);
  return {
    title: `Create ${kind} ${named.name}`,
    preferred: false,
    edits: () => {
      const text = project.lines(piece.path)?.text ?? '';
      const separator = text.endsWith('\n') || text === '' ? '' : '\n';
      return [{ start: text.length, end: text.length, newText: `${separator}---\n${inNamespace}` }];
    },
  };
}

export interface FileFix {
  readonly title: string;
  readonly path: string;
  readonly edits: readonly TextEdit[];
}

/** A key that is named at a place and that the ConfigMap or Secret, perhaps of another file, does not have. */
export function missingKey(project: Project, piece: Piece, offset: number): FileFix | undefined {
  const named = project
    .facts(piece)
    .facts.find(
      ({ role, what, span }) => role === 'names' && what === 'key' && span.start <= offset && offset <= span.end,
    );
  if (!named || project.placesOf(named, piece).some(({ fact }) => fact.role === 'declares')) return undefined;
  const symbol = named.symbol.split('|', 5).join('|');
  const owner = project.placesOf({ symbol, local: false }, piece).find(({ fact }) => fact.role === 'declares');
  if (!owner) return undefined;
  const [, , kind = '', , name = ''] = symbol.split('|');
  const read = project.workspace
    .entries(owner.piece.path)
    .find(
      ({ read, subject }) => read && owner.piece.part.objects.includes(read) && subject.object.metadata.name === name,
    )?.read;
  if (!read) return undefined;
  const field = kind === 'Secret' ? 'stringData' : 'data';
  const change = { path: [field, { key: named.name }], set: '' };
  const edits = editsOf({ title: '', changes: [change] }, read, owner.piece.document);
  return edits ? { title: `Add ${named.name} to ${kind} ${name}`, path: owner.piece.path, edits } : undefined;
}

/** A comment above the line: the finding is known and accepted. */
function suppression({ rule, layer, range }: Diagnostic, project: Project, path: string): QuickFix | undefined {
  if (layer === 'syntax' || rule === 'unused-suppression') return undefined;
  const text = project.lines(path)?.text ?? '';
  const at = text.lastIndexOf('\n', range.start.offset - 1) + 1;
  const line = text.slice(at, text.indexOf('\n', at) < 0 ? text.length : text.indexOf('\n', at));
  if (/^---/.test(line) || line.trimStart().startsWith('{')) return undefined;
  const indent = /^ */.exec(line)?.[0] ?? '';
  const newText = `${indent}# kubewright-disable-next-line ${rule}\n`;
  return { title: `Accept ${rule} here`, preferred: false, edits: () => [{ start: at, end: at, newText }] };
}

export function fixesFor(diagnostic: Diagnostic, project: Project, path: string): readonly QuickFix[] {
  const piece = project.pieceAt(path, diagnostic.range.start.offset);
  const { fix } = diagnostic;
  // To move says more than the other version alone, and the engine's own fix more than the text of the message.
  const moves = piece ? migration(diagnostic, project, piece) : [];
  const own = fix && moves.length === 0 ? { title: fix.title, preferred: true, edits: () => fix.edits() } : undefined;
  const fixes: (QuickFix | undefined)[] = [...moves, own ?? (moves.length === 0 ? replacement(diagnostic) : undefined)];
  if (piece) fixes.push(missingField(diagnostic, project, piece));
  fixes.push(suppression(diagnostic, project, path));
  return fixes.filter((one) => one !== undefined);
}
