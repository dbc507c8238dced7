/** The operations of each kind: one description for both versions of OpenAPI. */
import type { KindDefinition } from '../../../types/define-kind.ts';

/** Custom resources have neither field numbers nor strategies of merging. Clients look here before they send a patch. */
export function contentTypesOf(kind: KindDefinition): readonly string[] {
  const texts = ['application/json', 'application/yaml'];
  return kind.custom === true ? texts : [...texts, 'application/vnd.kubernetes.protobuf'];
}

export function patchTypesOf(kind: KindDefinition): readonly string[] {
  const types = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
  return kind.custom === true ? types : [...types, 'application/strategic-merge-patch+json'];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'patch' | 'delete';
  readonly action: 'list' | 'get' | 'post' | 'put' | 'patch' | 'delete' | 'deletecollection' | 'connect';
  readonly operationId: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** What the body and the answer are. */
  readonly body?: 'object' | 'patch' | 'delete-options';
  readonly answer: 'object' | 'list' | 'status' | 'text';
  /** The type of object that is read and written, when it is not the kind's own (Scale, Eviction, TokenRequest, Binding). */
  readonly other?: string;
}

export interface PathItem {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

function query(name: string, type: Parameter['type'], description: string): Parameter {
  return { name, in: 'query', type, description };
}

const pretty = query('pretty', 'string', "If 'true', then the output is pretty printed.");
const dryRun = query(
  'dryRun',
  'string',
  'When present, indicates that modifications should not be persisted. The only value is All.',
);
const fieldManager = query(
  'fieldManager',
  'string',
  'The name associated with the actor or entity that is making these changes, at most 128 printable characters.',
);
const fieldValidation = query(
  'fieldValidation',
  'string',
  'What the server does about unknown or duplicate fields: Ignore, Warn or Strict.',
);
const force = query(
  'force',
  'boolean',
  'Take fields of other managers over in an apply request. Must be unset for other patches.',
);
const listParameters: readonly Parameter[] = [
  query('allowWatchBookmarks', 'boolean', 'Ask for watch events of type BOOKMARK.'),
  query('continue', 'string', 'The continue option of a former answer, to get the next chunk of the list.'),
  query('fieldSelector', 'string', 'Restricts the objects by their fields. Defaults to everything.'),
  query('labelSelector', 'string', 'Restricts the objects by their labels. Defaults to everything.'),
  query('limit', 'integer', 'The maximum number of objects in one answer.'),
  query('resourceVersion', 'string', 'Constrains which state of the resources is served.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is applied to list calls.'),
  query('sendInitialEvents', 'boolean', 'Begin a watch with synthetic events for the present state.'),
  query('timeoutSeconds', 'integer', 'Limits the duration of the call.'),
  query('watch', 'boolean', 'Stream changes as add, update and remove events. Specify resourceVersion.'),
];
const deleteParameters: readonly Parameter[] = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'Seconds before the object is deleted; zero means at once.'),
  query(
    'ignoreStoreReadErrorWithClusterBreakingPotential',
    'boolean',
    'Delete an object that cannot be read any more.',
  ),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', "What happens to dependents: 'Orphan', 'Background' or 'Foreground'."),
];
const writeParameters: readonly Parameter[] = [dryRun, fieldManager, fieldValidation];
const patchParameters: readonly Parameter[] = [...writeParameters, force];

const namespaceParameter: Parameter = {
  name: 'namespace',
  in: 'path',
  type: 'string',
  description: 'object name and auth scope, such as for teams and projects',
};

function nameParameter(kind: KindDefinition): Parameter {
  return { name: 'name', in: 'path', type: 'string', description: `name of the ${kind.kind}` };
}

function camel(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `AppsV1`, `CoreV1`, `RbacAuthorizationV1`. */
function groupVersionId({ group, version }: KindDefinition): string {
  const name = group === '' ? 'core' : group.replace(/\.k8s\.io$/, '');
  return name.split(/[.-]/).map(camel).join('') + camel(version);
}

/** Objects of another kind that a subresource reads and writes. */
const subresourceTypes: Readonly<Record<string, string>> = {
  scale: 'autoscaling/v1.Scale',
  eviction: 'policy/v1.Eviction',
  token: 'authentication.k8s.io/v1.TokenRequest',
  binding: 'v1.Binding',
};
const posted: ReadonlySet<string> = new Set(['eviction', 'token', 'binding']);
const connected: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** The path items of one kind below its group and version. */
export function pathItems(kind: KindDefinition): readonly PathItem[] {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const namespaced = kind.scope === 'Namespaced';
  const collection = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  const scope = namespaced ? [namespaceParameter] : [];
  const gv = groupVersionId(kind);
  const id = `${namespaced ? 'Namespaced' : ''}${kind.kind}`;
  const create: Operation = {
    method: 'post',
    action: 'post',
    operationId: `create${gv}${id}`,
    description: `create a ${kind.kind}`,
    parameters: writeParameters,
    body: 'object',
    answer: 'object',
  };
  if (kind.virtual) return [{ path: collection, parameters: [...scope, pretty], operations: [create] }];
  const only = kind.computed
    ? ({ operations, ...item }: PathItem) => ({
        ...item,
        operations: operations.filter(({ method }) => method === 'get'),
      })
    : undefined;
  const list: Operation = {
    method: 'get',
    action: 'list',
    operationId: `list${gv}${id}`,
    description: `list or watch objects of kind ${kind.kind}`,
    parameters: listParameters,
    answer: 'list',
  };
  const items: PathItem[] = [
    {
      path: collection,
      parameters: [...scope, pretty],
      operations: [
        list,
        create,
        {
          method: 'delete',
          action: 'deletecollection',
          operationId: `delete${gv}Collection${id}`,
          description: `delete collection of ${kind.kind}`,
          parameters: [...listParameters, ...deleteParameters],
          body: 'delete-options',
          answer: 'status',
        },
      ],
    },
    objectItem(kind, collection, scope, gv, id),
    ...kind.subresources.map((name) =>
      subresourceItem(kind, `${collection}/{name}/${name}`, name, scope, `${gv}${id}${camel(name)}`),
    ),
  ];
  if (namespaced) {
    const operation = { ...list, operationId: `list${gv}${kind.kind}ForAllNamespaces` };
    items.push({ path: `${root}/${kind.plural}`, parameters: [pretty], operations: [operation] });
  }
  return only ? items.map(only) : items;
}

function objectItem(
  kind: KindDefinition,
  collection: string,
  scope: readonly Parameter[],
  gv: string,
  id: string,
): PathItem {
  return {
    path: `${collection}/{name}`,
    parameters: [nameParameter(kind), ...scope, pretty],
    operations: [
      ...readWrite(gv + id, `the specified ${kind.kind}`),
      {
        method: 'delete',
        action: 'delete',
        operationId: `delete${gv}${id}`,
        description: `delete a ${kind.kind}`,
        parameters: deleteParameters,
        body: 'delete-options',
        answer: 'status',
      },
    ],
  };
}

function readWrite(id: string, what: string, other?: string): readonly Operation[] {
  const common = { answer: 'object', ...(other === undefined ? {} : { other }) } as const;
  return [
    { method: 'get', action: 'get', operationId: `read${id}`, description: `read ${what}`, parameters: [], ...common },
    {
      method: 'put',
      action: 'put',
      operationId: `replace${id}`,
      description: `replace ${what}`,
      parameters: writeParameters,
      body: 'object',
      ...common,
    },
    {
      method: 'patch',
      action: 'patch',
      operationId: `patch${id}`,
      description: `partially update ${what}`,
      parameters: patchParameters,
      body: 'patch',
      ...common,
    },
  ];
}

function subresourceItem(
  kind: KindDefinition,
  path: string,
  name: string,
  scope: readonly Parameter[],
  id: string,
): PathItem {
  const parameters = [nameParameter(kind), ...scope, pretty];
  const other = subresourceTypes[name];
  const what = `${name} of the specified ${kind.kind}`;
  if (posted.has(name)) {
    const operation: Operation = {
      method: 'post',
      action: 'post',
      operationId: `create${id}`,
      description: `create ${what}`,
      parameters: writeParameters,
      body: 'object',
      answer: 'object',
      ...(other === undefined ? {} : { other }),
    };
    return { path, parameters, operations: [operation] };
  }
  if (connected.has(name)) {
    const connect = (method: 'get' | 'post'): Operation => ({
      method,
      action: 'connect',
      operationId: `connect${camel(method)}${id}`,
      description: `connect to ${what}`,
      parameters: [],
      answer: 'text',
    });
    return { path, parameters, operations: [connect('get'), connect('post')] };
  }
  if (name === 'log') {
    const read: Operation = {
      method: 'get',
      action: 'get',
      operationId: `read${id}`,
      description: `read ${what}`,
      answer: 'text',
      parameters: [
        query('container', 'string', 'The container whose log is read; the only one by default.'),
        query('follow', 'boolean', 'Follow the log.'),
        query('limitBytes', 'integer', 'The number of bytes to read at most.'),
        query('previous', 'boolean', 'The log of the container that ran before.'),
        query('sinceSeconds', 'integer', 'How many seconds back the log begins.'),
        query('tailLines', 'integer', 'The number of lines from the end of the log.'),
        query('timestamps', 'boolean', 'Begin every line with its time.'),
      ],
    };
    return { path, parameters, operations: [read] };
  }
  const operations = readWrite(id, what, other);
  return {
    path,
    parameters,
    operations: name === 'finalize' ? operations.filter(({ method }) => method === 'put') : operations,
  };
}
