/** CustomResourceDefinitions -> interfaces and typed builders. */
import { builderName, lowerFirst } from '../../../types/builder-name.ts';
import { kindBases } from '../../../types/registry.ts';
import { printWidth } from '../code.ts';
import type { Json } from '../imported-object.ts';
import { textLiteral } from '../literals.ts';
import type { Prelude } from '../program.ts';
import { camelCase, pascalCase, Scope } from '../scope.ts';
import { definitionOf } from './definition.ts';
import type { ResourceDefinition, ResourceVersion } from './definition.ts';
import { docComment } from './doc-comment.ts';
import { propertiesOf, TypeDeclarations } from './types.ts';

/** What the declarations use by name, so that no kind may take it. */
const used = ['Input', 'KubeObject', 'ObjectMeta', 'IntOrString', 'builderOf'];

interface Names {
  readonly type: string;
  readonly builder: string;
}

/** `Certificate`, `CertificateV1alpha2` for a version that is not the stored one, with the group where another has that kind. */
function namesOf(
  { kind, group }: ResourceDefinition,
  version: ResourceVersion,
  first: boolean,
  types: Scope,
  values: Scope,
): Names {
  const suffix = first ? '' : pascalCase(version.name);
  const own = pascalCase(kind) || 'Resource';
  const groupName = pascalCase(group.split('.')[0] ?? '');
  const type = types.take([own + suffix, groupName + own + suffix, pascalCase(group) + own + suffix]);
  const builder = values.take([
    lowerFirst(own) + suffix,
    camelCase(group.split('.')[0] ?? '') + own + suffix,
    `${camelCase(group)}${own}${suffix}`,
  ]);
  return { type, builder };
}

function rootText(
  declarations: TypeDeclarations,
  apiVersion: string,
  definition: ResourceDefinition,
  version: ResourceVersion,
  type: string,
): string {
  const properties = new Map(
    [...propertiesOf(version.schema)].filter(([name]) => !['apiVersion', 'kind', 'metadata'].includes(name)),
  );
  const notes = version.deprecation === undefined ? [] : [`@deprecated ${version.deprecation}`.trimEnd()];
  const scope = definition.namespaced ? 'Namespaced.' : 'Cluster-scoped: it has no namespace.';
  // An index signature beside the identity would make every field unknown: the builder's input has it instead.
  const members = declarations.membersText(properties, [type], false);
  return [
    docComment(version.schema, '', [scope, ...notes]),
    `export interface ${type} {\n`,
    `  readonly apiVersion: ${textLiteral(apiVersion)};\n`,
    `  readonly kind: ${textLiteral(definition.kind)};\n`,
    `  readonly metadata: ${declarations.uses('ObjectMeta')}${definition.namespaced ? '' : ' & { readonly namespace?: undefined }'};\n`,
    members,
    '}\n',
  ].join('');
}

/** Whether objects may have fields besides the declared ones. */
function isOpen({ schema }: ResourceVersion): boolean {
  const more = schema['additionalProperties'];
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    (more !== undefined && more !== false) ||
    propertiesOf(schema).size === 0
  );
}

function builderText(apiVersion: string, kind: string, { type, builder }: Names, input: string | undefined): string {
  const types = input === undefined ? [type] : [type, `${input}<${type}> & { readonly [field: string]: unknown }`];
  const start = `export const ${builder} = builderOf<`;
  const head = `${start}${types.join(', ')}>(`;
  const identity = [textLiteral(apiVersion), textLiteral(kind)];
  const whole = `${head}${identity.join(', ')});`;
  const broken =
    head.length <= printWidth
      ? `${head}\n  ${identity.join(',\n  ')},\n);`
      : `${start}\n  ${types.join(',\n  ')}\n>(${identity.join(', ')});`;
  const line = whole.length <= printWidth ? whole : broken;
  return `/** Builds ${/^[aeiou]/.test(apiVersion) ? 'an' : 'a'} ${apiVersion} ${kind}. */\n${line}\n`;
}

/**
 * The declarations of a module for these definitions.
 *
 * @throws NoDefinition
 */
export function customBuilders(objects: readonly Json[]): Prelude {
  const types = new Scope();
  const values = new Scope();
  for (const name of used) {
    types.reserve(name);
    values.reserve(name);
  }
  for (const base of kindBases().values()) values.reserve(builderName(base) ?? '');
  const definitions = objects.map(definitionOf);
  const named = definitions.flatMap((definition) =>
    definition.versions.map((version, index) => ({
      definition,
      version,
      apiVersion: `${definition.group}/${version.name}`,
      names: namesOf(definition, version, index === 0, types, values),
    })),
  );
  const declarations = new TypeDeclarations(types);
  const builders = new Map<string, string>();
  const texts = named.map(({ definition, version, apiVersion, names }) => {
    const typeName = `${apiVersion}.${definition.kind}`;
    if (!builders.has(typeName)) builders.set(typeName, names.builder);
    const part = new TypeDeclarations(types);
    const root = rootText(part, apiVersion, definition, version, names.type);
    for (const name of part.imports) declarations.uses(name);
    const input = isOpen(version) ? declarations.uses('Input') : undefined;
    return [root, builderText(apiVersion, definition.kind, names, input), part.text]
      .filter((text) => text !== '')
      .join('\n');
  });
  return {
    builders,
    names: named.flatMap(({ names }) => [names.builder, names.type]),
    imports: ['builderOf'],
    typeImports: declarations.imports,
    text: texts.join('\n'),
  };
}
