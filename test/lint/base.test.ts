/** What an API server would refuse of the changes between two versions of a file. */
import { describe, expect, it } from 'vitest';
import { Base } from '../../src/lint/base.ts';
import { deploymentExample } from '../../src/lint/rules/example.ts';
import { Workspace } from '../../src/lint/workspace.ts';
import { pathText } from '../../src/types/field-issue.ts';

function workspace(files: Readonly<Record<string, string>>): Workspace {
  const filled = new Workspace({ config: { extends: 'none' } });
  for (const [path, text] of Object.entries(files)) filled.setFile(path, text);
  return filled;
}

function refused(before: string, after: string): readonly string[] {
  const next = workspace({ 'a.yaml': after });
  next.setBase(new Base('main', workspace({ 'a.yaml': before })));
  return next
    .diagnostics('a.yaml')
    .filter(({ rule }) => rule === 'immutable-field')
    .map(({ fieldPath, range }) => `${range.start.line} ${pathText(fieldPath)}`);
}

function object(apiVersion: string, kind: string, rest: string): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: web\n${rest}`;
}

const service = object(
  'v1',
  'Service',
  'spec:\n  clusterIP: 10.96.0.20\n  selector: {app: web}\n  ports: [{port: 80}]\n',
);
const statefulSet = deploymentExample({
  kind: 'StatefulSet',
  deployment: `serviceName: web
volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: 1Gi}}`,
});
const job = object(
  'batch/v1',
  'Job',
  'spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers:\n        - name: web\n          image: registry.example.com/web:1\n',
);
const settings = object('v1', 'ConfigMap', 'immutable: true\ndata:\n  level: info\n');
const secret = object('v1', 'Secret', 'immutable: true\nstringData:\n  level: info\n');
const claim = object(
  'v1',
  'PersistentVolumeClaim',
  'spec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: fast\n  resources: {requests: {storage: 2Gi}}\n',
);
const storageClass = object('storage.k8s.io/v1', 'StorageClass', 'provisioner: a.example.com\nreclaimPolicy: Delete\n');
const binding = object(
  'rbac.authorization.k8s.io/v1',
  'RoleBinding',
  'roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: reader\n',
);
const clusterBinding = binding
  .replace('RoleBinding', 'ClusterRoleBinding')
  .replace('kind: Role\n', 'kind: ClusterRole\n');
const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: webs.example.com
spec:
  group: example.com
  scope: Namespaced
  names:
    kind: Web
    plural: webs
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
const ingressClass = object('networking.k8s.io/v1', 'IngressClass', 'spec:\n  controller: a.example.com/a\n');
const runtimeClass = object('node.k8s.io/v1', 'RuntimeClass', 'handler: runc\n');
const priorityClass = object('scheduling.k8s.io/v1', 'PriorityClass', 'value: 100\n');
const driver = object('storage.k8s.io/v1', 'CSIDriver', 'spec:\n  attachRequired: true\n');
const quota = object('v1', 'ResourceQuota', 'spec:\n  hard: {pods: 3}\n  scopes: [BestEffort]\n');
const volume = object(
  'v1',
  'PersistentVolume',
  'spec:\n  capacity: {storage: 1Gi}\n  accessModes: [ReadWriteOnce]\n  hostPath: {path: /srv/a}\n',
);
const pod = object(
  'v1',
  'Pod',
  'spec:\n  containers:\n    - name: web\n      image: registry.example.com/web:1\n      command: [run]\n',
);

interface Change {
  readonly what: string;
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly at: readonly string[];
}

const changes: readonly Change[] = [
  {
    what: 'selector of a Deployment',
    text: deploymentExample(),
    from: 'app: web',
    to: 'app: shop',
    at: ['8 spec.selector.matchLabels.app'],
  },
  {
    what: 'selector of a DaemonSet',
    text: deploymentExample({ kind: 'DaemonSet' }),
    from: 'app: web',
    to: 'app: shop',
    at: ['8 spec.selector.matchLabels.app'],
  },
  {
    what: 'service of a StatefulSet',
    text: statefulSet,
    from: 'serviceName: web',
    to: 'serviceName: shop',
    at: ['6 spec.serviceName'],
  },
  {
    what: 'claims of a StatefulSet',
    text: statefulSet,
    from: 'storage: 1Gi',
    to: 'storage: 2Gi',
    at: ['11 spec.volumeClaimTemplates[0].spec.resources.requests.storage'],
  },
  { what: 'image of a StatefulSet', text: statefulSet, from: 'web:1.4.2', to: 'web:1.5.0', at: [] },
  { what: 'address of a Service', text: service, from: '10.96.0.20', to: '10.96.0.21', at: ['6 spec.clusterIP'] },
  { what: 'address of a Service left out', text: service, from: '  clusterIP: 10.96.0.20\n', to: '', at: [] },
  { what: 'Service to headless', text: service, from: '10.96.0.20', to: 'None', at: ['6 spec.clusterIP'] },
  { what: 'Service to node port', text: service, from: 'spec:\n', to: 'spec:\n  type: NodePort\n', at: [] },
  {
    what: 'template of a Job',
    text: job,
    from: 'web:1\n',
    to: 'web:2\n',
    at: ['11 spec.template.spec.containers[0].image'],
  },
  {
    what: 'parallelism of a Job',
    text: job,
    from: 'spec:\n  template',
    to: 'spec:\n  parallelism: 2\n  template',
    at: [],
  },
  {
    what: 'completions of a Job',
    text: job,
    from: 'spec:\n  template',
    to: 'spec:\n  completions: 2\n  template',
    at: ['6 spec.completions'],
  },
  { what: 'immutable ConfigMap', text: settings, from: 'level: info', to: 'level: debug', at: ['7 data.level'] },
  {
    what: 'immutable ConfigMap unlocked',
    text: settings,
    from: 'immutable: true',
    to: 'immutable: false',
    at: ['5 immutable'],
  },
  { what: 'immutable Secret', text: secret, from: 'level: info', to: 'level: debug', at: ['7 stringData.level'] },
  { what: 'class of a claim', text: claim, from: 'fast', to: 'slow', at: ['7 spec.storageClassName'] },
  { what: 'smaller claim', text: claim, from: '2Gi', to: '1Gi', at: ['8 spec.resources.requests.storage'] },
  { what: 'larger claim', text: claim, from: '2Gi', to: '3Gi', at: [] },
  { what: 'provisioner', text: storageClass, from: 'a.example.com', to: 'b.example.com', at: ['5 provisioner'] },
  { what: 'reclaim policy', text: storageClass, from: 'Delete', to: 'Retain', at: ['6 reclaimPolicy'] },
  { what: 'role of a binding', text: binding, from: 'name: reader', to: 'name: writer', at: ['8 roleRef.name'] },
  {
    what: 'role of a cluster binding',
    text: clusterBinding,
    from: 'name: reader',
    to: 'name: writer',
    at: ['8 roleRef.name'],
  },
  { what: 'scope of a definition', text: definition, from: 'Namespaced', to: 'Cluster', at: ['7 spec.scope'] },
  { what: 'kind of a definition', text: definition, from: 'kind: Web', to: 'kind: Site', at: ['9 spec.names.kind'] },
  {
    what: 'controller of an ingress class',
    text: ingressClass,
    from: 'a.example.com/a',
    to: 'a.example.com/b',
    at: ['6 spec.controller'],
  },
  { what: 'handler', text: runtimeClass, from: 'runc', to: 'runsc', at: ['5 handler'] },
  { what: 'priority', text: priorityClass, from: '100', to: '200', at: ['5 value'] },
  { what: 'attachment of a driver', text: driver, from: 'true', to: 'false', at: ['6 spec.attachRequired'] },
  { what: 'scopes of a quota', text: quota, from: 'BestEffort', to: 'NotBestEffort', at: ['7 spec.scopes[0]'] },
  { what: 'source of a volume', text: volume, from: '/srv/a', to: '/srv/b', at: ['8 spec.hostPath.path'] },
  { what: 'command of a pod', text: pod, from: '[run]', to: '[walk]', at: ['9 spec.containers[0].command[0]'] },
  { what: 'image of a pod', text: pod, from: 'web:1', to: 'web:2', at: [] },
];

describe('changes since a commit', () => {
  it.each(changes.map((change) => [change.what, change] as const))('%s', (_what, { text, from, to, at }) => {
    expect(text).toContain(from);
    expect(refused(text, text.replaceAll(from, to))).toEqual(at);
    expect(refused(text, text)).toEqual([]);
  });

  it('are told with both places, also when the object has moved to another file', () => {
    const next = workspace({ 'k8s/new.yaml': settings.replace('info', 'debug') });
    const before = workspace({ 'k8s/old.yaml': `# moved\n${job}---\n${settings}` });
    next.setBase(new Base('v1.2.0', before));
    const [found] = next.diagnostics('k8s/new.yaml');
    expect(found?.message).toBe(
      'Forbidden: field is immutable when `immutable` is set (v1.2.0 has it in k8s/old.yaml:20)',
    );
    expect(found?.related).toMatchObject([{ file: 'v1.2.0:k8s/old.yaml', range: { start: { line: 20 } } }]);
  });

  it('concern the same object only: kind, namespace and name', () => {
    const other = settings.replace('info', 'debug');
    expect(refused(settings, other.replace('name: web', 'name: shop'))).toEqual([]);
    expect(refused(settings, other.replace('name: web', 'name: web\n  namespace: shop'))).toEqual([]);
    expect(refused(settings, other.replace('name: web', 'name: web\n  namespace: default'))).toHaveLength(1);
  });

  it('are silenced like all else', () => {
    const silenced = settings.replace(
      '  level: info',
      '  level: debug # kubewright-disable-line immutable-field -- new',
    );
    expect(refused(settings, silenced)).toEqual([]);
  });

  it('do not repeat what is wrong in itself', () => {
    const wrong = service.replace('port: 80', 'port: 0');
    const next = workspace({ 'a.yaml': wrong });
    next.setBase(new Base('main', workspace({ 'a.yaml': service })));
    expect(next.diagnostics('a.yaml').map(({ rule }) => rule)).toEqual(['field-value-invalid']);
  });
});
