/** Names of types in OpenAPI documents: the path of their Go package, as upstream publishes them. */

const packages: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  meta: 'io.k8s.apimachinery.pkg.apis.meta',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
  'internal.apiserver.k8s.io': 'io.k8s.api.apiserverinternal',
};

/** `apps/v1.Deployment` to `io.k8s.api.apps.v1.Deployment`. */
export function openApiName(typeName: string): string {
  const slash = typeName.indexOf('/');
  const group = slash < 0 ? '' : typeName.slice(0, slash);
  const versionAndKind = typeName.slice(slash + 1);
  return `${packages[group] ?? `io.k8s.api.${group.split('.')[0] ?? ''}`}.${versionAndKind}`;
}

/** Custom resources are named by their group, turned around: `com.example.stable.v1.CronTab`. */
export function customOpenApiName(group: string, version: string, kind: string): string {
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

const meta = packages['meta'] ?? '';

/** Types whose JSON is a scalar or has no fixed shape; the schema table knows them as scalars. */
export const scalarTypeNames = {
  time: `${meta}.v1.Time`,
  'micro-time': `${meta}.v1.MicroTime`,
  duration: `${meta}.v1.Duration`,
  'fields-v1': `${meta}.v1.FieldsV1`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'int-or-string': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'raw-object': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  json: `${packages['apiextensions.k8s.io'] ?? ''}.v1.JSON`,
  'schema-or-array': `${packages['apiextensions.k8s.io'] ?? ''}.v1.JSONSchemaPropsOrArray`,
  'schema-or-bool': `${packages['apiextensions.k8s.io'] ?? ''}.v1.JSONSchemaPropsOrBool`,
  'schema-or-strings': `${packages['apiextensions.k8s.io'] ?? ''}.v1.JSONSchemaPropsOrStringArray`,
} as const;

export type ScalarTypeName = keyof typeof scalarTypeNames;

export const sharedTypes = {
  deleteOptions: openApiName('meta/v1.DeleteOptions'),
  status: openApiName('meta/v1.Status'),
  listMeta: openApiName('meta/v1.ListMeta'),
  watchEvent: `${meta}.v1.WatchEvent`,
  patch: `${meta}.v1.Patch`,
} as const;
