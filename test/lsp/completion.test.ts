import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { atCursor, startServer } from '../support/lsp-client.ts';
import type { LspClient, Span } from '../support/lsp-client.ts';

interface Item {
  readonly label: string;
  readonly detail?: string;
  readonly textEdit: { readonly newText: string; readonly range: Span };
  readonly documentation?: string;
  readonly filterText?: string;
  readonly data?: unknown;
}

let server: LspClient;
let serial = 0;

beforeAll(async () => {
  server = await startServer();
  await server.initialize();
  await server.open(
    'file:///names/all.yaml',
    `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  app.conf: a
  other: b
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: 8080}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: far, namespace: other}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx
        ports: [{name: web-http, containerPort: 8080}]
`,
  );
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function complete(marked: string): Promise<readonly Item[]> {
  const { text, position } = atCursor(marked);
  serial += 1;
  const uri = `file:///complete/${serial}.yaml`;
  server.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  const list = await server.request<{ items: Item[] }>('textDocument/completion', { textDocument: { uri }, position });
  server.notify('textDocument/didClose', { textDocument: { uri } });
  return list.items;
}

async function labels(marked: string): Promise<readonly string[]> {
  return (await complete(marked)).map(({ label }) => label);
}

const pod = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n';

describe('keys by position', () => {
  it('offers the fields of a map on an empty line, without those that are there', async () => {
    const found = await labels(`${pod}  containers:\n  - name: a\n    |\n    image: b\n`);
    expect(found).toContain('imagePullPolicy');
    expect(found).toContain('livenessProbe');
    expect(found).not.toContain('name');
    expect(found).not.toContain('image');
    expect(found).not.toContain('containers');
  });

  it('goes by indentation', async () => {
    expect(await labels(`${pod}  containers:\n  - name: a\n  |\n`)).toContain('volumes');
    expect(await labels(`${pod}  containers:\n  - name: a\n|\n`)).not.toContain('volumes');
  });

  it('offers fields in a map that has nothing yet, and in a new item', async () => {
    expect(await labels(`${pod}  |`)).toContain('containers');
    expect(await labels(`${pod}  containers:\n  - |`)).toContain('image');
    expect(await labels(`${pod}  containers:\n    - name: x\n      securityContext:\n        |`)).toContain(
      'runAsNonRoot',
    );
  });

  it('replaces the word that is being written and indents what follows', async () => {
    const items = await complete(`${pod}  cont|`);
    const item = items.find(({ label }) => label === 'containers');
    expect(item?.textEdit).toEqual({
      newText: 'containers:\n    - ',
      range: { start: { line: 5, character: 2 }, end: { line: 5, character: 6 } },
    });
  });

  it('works in braces that nobody has closed', async () => {
    const found = await labels(
      `${pod}  containers:\n  - name: a\n    securityContext: {runAsUser: 1, |\n    image: x\n`,
    );
    expect(found).toContain('runAsNonRoot');
    expect(found).not.toContain('runAsUser');
  });

  it('is silent in comments and texts', async () => {
    expect(await labels('# a |\n')).toEqual([]);
    expect(
      await labels(
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: |\n    some te|\n'.replace('a: |', 'a: >'),
      ),
    ).toEqual([]);
  });

  it('is silent in files that are no manifests', async () => {
    expect(await labels('services:\n  web:\n    image: x\n|')).toEqual([]);
  });
});

describe('values', () => {
  it('offers enumerations, booleans and defaults', async () => {
    expect(await labels(`${pod}  restartPolicy: |`)).toEqual(expect.arrayContaining(['Always', 'OnFailure', 'Never']));
    expect(await labels(`${pod}  hostNetwork: |`)).toEqual(['true', 'false']);
    expect(await labels(`${pod}  hostNetwork: t|`)).toEqual(['true', 'false']);
  });

  it('offers kinds, and the versions of a kind', async () => {
    expect(await labels('apiVersion: apps/v1\nkind: |')).toEqual(expect.arrayContaining(['Deployment', 'StatefulSet']));
    expect(await labels('apiVersion: apps/v1\nkind: |')).not.toContain('Service');
    expect(await labels('apiVersion: |\nkind: CronJob')).toEqual(['batch/v1']);
  });

  it('offers whole objects in an empty document', async () => {
    const items = await complete('|');
    const item = items.find(({ label }) => label === 'Deployment');
    expect(item?.textEdit.newText).toContain('kind: Deployment\nmetadata:\n  name: web\n');
    expect(item?.textEdit.newText).not.toContain('$');
  });

  it('offers whole objects after a marker, indented containers in a list', async () => {
    expect(await labels(`${pod}---\n|`)).toContain('Service');
    const items = await complete(`${pod}  containers:\n  |`);
    const item = items.find(({ label }) => label === 'container');
    expect(item?.textEdit.newText).toMatch(/^- name: app\n {4}image: nginx/);
  });
});

describe('names of other files', () => {
  it('offers ConfigMaps and their keys, nearest first', async () => {
    const env = `${pod}  containers:\n  - name: a\n    env:\n    - name: X\n      valueFrom:\n        configMapKeyRef:\n          name: `;
    expect(await labels(`${env}|`)).toEqual(['settings', 'far']);
    expect(await labels(`${env}settings\n          key: |`)).toEqual(['app.conf', 'other']);
  });

  it('offers Services, their ports, and service accounts', async () => {
    const ingress =
      'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  defaultBackend:\n    service:\n      name: ';
    expect(await labels(`${ingress}|`)).toEqual(['web']);
    expect(await labels(`${ingress}web\n      port:\n        name: |`)).toContain('http');
    expect(await labels(`${pod}  serviceAccountName: |`)).toEqual(['robot']);
  });

  it('offers labels of pods to selectors, and their ports', async () => {
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec:\n  ports:\n  - port: 80\n    targetPort: PORT\n  selector:\n    app: LABEL\n';
    expect(await labels(service.replace('LABEL', '|').replace('PORT', '1'))).toEqual(['web']);
    expect(await labels(service.replace('PORT', '|').replace('LABEL', 'web'))).toContain('web-http');
    expect(await labels(service.replace('app: LABEL', '|').replace('PORT', '1'))).toContain('app');
  });

  it('offers volumes of the pod', async () => {
    const text = `${pod}  containers:\n  - name: a\n    volumeMounts:\n    - name: |\n  volumes:\n  - name: data\n    emptyDir: {}\n`;
    expect(await labels(text)).toEqual(['data']);
  });

  it('tells more when asked', async () => {
    const items = await complete(`${pod}  |`);
    const item = items.find(({ label }) => label === 'dnsPolicy');
    const resolved = await server.request<Item>('completionItem/resolve', item);
    expect(resolved.documentation).toContain('DNS policy');
  });
});

describe('what editors put in', () => {
  it('keeps quotes that are there, and writes JSON as JSON', async () => {
    const [always] = await complete(`${pod}  restartPolicy: "|"`);
    expect(always?.textEdit.newText).toBe('"Always"');
    const [robot] = await complete(`${pod}  serviceAccountName: 'ro|'`);
    expect(robot).toMatchObject({ filterText: "'robot", textEdit: { newText: "'robot'" } });
    const { text, position } = atCursor('{"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true, "|"}}');
    const uri = 'file:///complete/pod.json';
    server.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'json', version: 1, text } });
    const list = await server.request<{ items: Item[] }>('textDocument/completion', {
      textDocument: { uri },
      position,
    });
    const item = list.items.find(({ label }) => label === 'restartPolicy');
    expect(item?.textEdit.newText).toBe('"restartPolicy": ');
    expect(list.items.map(({ label }) => label)).not.toContain('hostNetwork');
  });

  it('offers every kind as a whole object, also as an item of a list', async () => {
    const found = await labels('apiVersion: v1\nkind: List\nitems:\n- |');
    expect(found).toEqual(expect.arrayContaining(['Deployment', 'LimitRange', 'StorageClass', 'apiVersion']));
    const quota = (await complete('|')).find(({ label }) => label === 'ResourceQuota');
    expect(quota?.textEdit.newText).toBe('apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: name\nspec:\n  ');
  });

  it('offers operators, keys and values of expressions, each once', async () => {
    const budget =
      'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec:\n  selector:\n    matchExpressions:\n    - ';
    expect(await labels(`${budget}key: |`)).toEqual(['app']);
    expect(await labels(`${budget}operator: |`)).toEqual(['In', 'NotIn', 'Exists', 'DoesNotExist']);
    expect(await labels(`${budget}key: app\n      operator: In\n      values: [|]`)).toEqual(['web']);
    const claim = 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec:\n  accessModes: [|]';
    expect(await labels(claim)).toHaveLength(4);
  });

  it('offers the claims of a StatefulSet as volumes, roles of the cluster, and namespaces', async () => {
    const set =
      'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a}\nspec:\n  volumeClaimTemplates:\n  - metadata: {name: disk}\n  template:\n    spec:\n      containers:\n      - volumeMounts:\n        - name: |';
    expect(await labels(set)).toEqual(['disk']);
    const binding =
      'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nroleRef:\n  kind: ClusterRole\n  name: |';
    expect(await labels(binding)).toContain('view');
    expect(await labels('apiVersion: v1\nkind: Pod\nmetadata:\n  namespace: |')).toContain('other');
  });

  it('knows the keys of kustomizations, and the files that they may name', async () => {
    const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';
    expect(await labels(`${kustomization}|`)).toEqual(expect.arrayContaining(['resources', 'images', 'patches']));
    const other = 'file:///complete/base/web.yaml';
    await server.open(other, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: based}\n');
    expect(await labels(`${kustomization}resources:\n- |`)).toContain('base/web.yaml');
    server.notify('textDocument/didClose', { textDocument: { uri: other } });
  });
});
