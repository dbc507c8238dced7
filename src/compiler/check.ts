/** Identity, structure and API rules over a set of objects, through the same validation as the API server's. */
import { deepClone } from '../shared/deep.ts';
import type { KindDefinition } from '../types/define-kind.ts';
import { pathText } from '../types/field-issue.ts';
import type { FieldPath } from '../types/field-issue.ts';
import type { KubeObject } from '../types/meta.ts';
import { kindBases } from '../types/registry.ts';
import type { Registry } from '../types/registry.ts';
import { resolveSchema } from '../types/schema.ts';
import type { Schema } from '../types/schema.ts';
import { builtInSchemas } from '../types/schema-table.ts';
import { applyDefaults } from '../types/validation/apply-defaults.ts';
import { findTypeFaults, findUnknownFields } from '../types/validation/structure.ts';
import { validateObject } from '../types/validation/validate-object.ts';
import { nearest } from './nearest.ts';
import { titleOf } from './manifest-set.ts';

export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly layer: 'identity' | 'structure' | 'api';
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly fieldPath: FieldPath;
}

export interface CheckedObject {
  readonly object: KubeObject;
  readonly kind: KindDefinition | undefined;
  readonly title: string;
  readonly findings: readonly Finding[];
}

function finding(
  layer: Finding['layer'],
  code: string,
  fieldPath: FieldPath,
  message: string,
  severity: Finding['severity'] = 'error',
): Finding {
  return { severity, layer, code, message, path: pathText(fieldPath), fieldPath };
}

/** A kind of a group that Kubernetes owns must exist; of other groups it may be a custom resource. */
function identityFindings({ apiVersion, kind }: KubeObject, registry: Registry): readonly Finding[] {
  const known = kindBases().get(`${apiVersion}.${kind}`);
  if (known) {
    const text = `${apiVersion} ${kind} is not served by default by Kubernetes 1.36`;
    return [finding('identity', 'not-served', ['apiVersion'], text, 'warning')];
  }
  const sameKind = [...registry.all()].filter((definition) => definition.kind === kind);
  if (sameKind.length > 0 && !apiVersion.includes('.')) {
    const versions = sameKind.map((definition) => definition.apiVersion).join(', ');
    return [
      finding(
        'identity',
        'unknown-version',
        ['apiVersion'],
        `there is no ${kind} in ${apiVersion}; Kubernetes has it in ${versions}`,
      ),
    ];
  }
  const builtInGroup = !apiVersion.includes('.') || /\.k8s\.io\//.test(apiVersion);
  if (!builtInGroup) {
    const text = `${apiVersion} ${kind} is no built-in kind and was not checked`;
    return [finding('identity', 'unchecked', ['kind'], text, 'warning')];
  }
  const similar = nearest(
    kind,
    [...registry.all()].map((definition) => definition.kind),
  );
  const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
  return [finding('identity', 'unknown-kind', ['kind'], `there is no kind ${kind} in ${apiVersion}${hint}`)];
}

function unknownFieldFinding(kind: KindDefinition, path: FieldPath): Finding {
  const name = path.at(-1);
  const siblings = fieldsAt(kind, path.slice(0, -1));
  const similar = typeof name === 'string' ? nearest(name, siblings) : undefined;
  const hint = similar === undefined ? '' : `; did you mean ${similar}?`;
  return finding('structure', 'unknown-field', path, `unknown field${hint}`);
}

/** The names of the fields that the type at a path has. */
function fieldsAt(kind: KindDefinition, path: FieldPath): readonly string[] {
  let schema: Schema = kind.schema;
  for (const segment of path) {
    const next = typeof segment === 'string' && schema.type === 'object' ? schema.properties?.[segment] : schema.items;
    if (!next) return [];
    schema = resolveSchema(next, builtInSchemas);
  }
  return Object.keys(schema.properties ?? {});
}

function checkOne(object: KubeObject, kind: KindDefinition): readonly Finding[] {
  const faults = findTypeFaults(kind, object).map((fault) => finding('structure', 'type', fault.path, fault.message));
  const unknown = findUnknownFields(kind, object).map((path) => unknownFieldFinding(kind, path));
  // Rules may rely on the types of the schema, as on the server, where decoding comes first.
  if (faults.length > 0) return [...faults, ...unknown];
  const draft = deepClone(object);
  // Offline, a namespaced object without a namespace goes to whichever is current.
  if (kind.scope === 'Namespaced') draft.metadata.namespace ??= 'default';
  applyDefaults(kind, draft);
  const issues = validateObject(kind, draft, { operation: 'create' });
  const warnings = kind.warnings?.(draft, undefined) ?? [];
  return [
    ...unknown,
    ...issues.map((issue) => finding('api', issue.reason, issue.path, issue.message)),
    ...warnings.map((text) => finding('api', 'warning', [], text, 'warning')),
  ];
}

/** One answer per object, in order. The same identity twice is an error at the second. */
export function checkObjects(objects: readonly KubeObject[], registry: Registry): readonly CheckedObject[] {
  const seen = new Map<string, number>();
  return objects.map((object, index) => {
    const kind = registry.kind(object.apiVersion, object.kind);
    const findings = [...(kind ? checkOne(object, kind) : identityFindings(object, registry))];
    const { name, namespace } = object.metadata;
    const identity = `${kind?.group ?? object.apiVersion} ${object.kind} ${namespace ?? ''}/${name ?? ''}`;
    if (name !== undefined && seen.has(identity)) {
      findings.push(
        finding(
          'identity',
          'duplicate-object',
          ['metadata', 'name'],
          'another object of this program has the same kind, namespace and name',
        ),
      );
    }
    seen.set(identity, index);
    return { object, kind, title: titleOf(object), findings };
  });
}
