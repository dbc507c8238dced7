/** Kustomizations and charts as people have them: nothing is said that is wrong. */
import { describe, expect, it } from 'vitest';
import type { LintConfig } from '../../src/lint/config.ts';
import { Workspace } from '../../src/lint/workspace.ts';

type Files = Readonly<Record<string, string>>;

function told(files: Files, config: LintConfig = {}): readonly string[] {
  const workspace = new Workspace({ config });
  for (const [path, text] of Object.entries(files)) workspace.setFile(path, text);
  return Object.keys(files).flatMap((path) =>
    workspace
      .diagnostics(path)
      .filter(({ layer, severity }) => severity !== 'info' && layer !== 'lint')
      .map(({ rule, range, message }) => `${path}:${range.start.line} ${rule}: ${message}`),
  );
}

/** What some rules say, whatever their layer. */
function findings(files: Files, ...names: readonly string[]): readonly string[] {
  const rules = Object.fromEntries(names.map((name) => [name, 'warning'] as const));
  const workspace = new Workspace({ config: { extends: 'none', rules } });
  for (const [path, text] of Object.entries(files)) workspace.setFile(path, text);
  return Object.keys(files).flatMap((path) =>
    workspace.diagnostics(path).map(({ rule, range }) => `${path}:${range.start.line} ${rule}`),
  );
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: web
          envFrom:
            - configMapRef: {name: web-settings}
          env:
            - name: TOKEN
              valueFrom: {secretKeyRef: {name: web-token, key: token}}
          ports: [{name: http, containerPort: 8080}]
`;
const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: http}]
`;
const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n';

const app: Files = {
  'base/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [deployment.yaml, service.yaml, account.yaml]
configMapGenerator:
  - name: web-settings
    files: [application.yaml=config/app.yaml]
    literals: [LEVEL=info]
secretGenerator:
  - name: web-token
    literals: [token=x]
`,
  'base/deployment.yaml': deployment,
  'base/service.yaml': service,
  'base/account.yaml': account,
  'base/config/app.yaml': 'apiVersion: v1\nkind: Deployment\nmetadata: none\n',
  'overlays/dev/kustomization.yaml': `namespace: dev
namePrefix: dev-
resources: [../../base]
images:
  - {name: web, newName: registry.example.com/web, newTag: "1.4"}
replicas:
  - {name: web, count: 1}
`,
  'overlays/prod/kustomization.yaml': `namespace: prod
nameSuffix: -prod
resources: [../../base, ingress.yaml, budget.yaml]
components: [../../components/metrics]
labels:
  - pairs: {tier: front}
    includeSelectors: true
configMapGenerator:
  - name: web-settings
    behavior: merge
    literals: [LEVEL=warn]
patches:
  - path: patches/resources.yaml
  - path: patches/remove.json
    target: {kind: Deployment, name: web}
  - patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        replicas: 3
  - patch: |-
      - op: replace
        path: /spec/minReplicas
        value: 3
    target: {kind: HorizontalPodAutoscaler}
replacements:
  - path: replacement.yaml
  - source: {kind: Service, name: web, fieldPath: metadata.name}
    targets:
      - select: {kind: Ingress}
        fieldPaths: [spec.rules.0.host]
generatorOptions: {disableNameSuffixHash: true}
`,
  'overlays/prod/ingress.yaml': `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec:
  rules:
    - host: replaced
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: {service: {name: web, port: {number: 80}}}
`,
  'overlays/prod/budget.yaml': `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec:
  minAvailable: 1
  selector: {matchLabels: {app: web, tier: front}}
`,
  'overlays/prod/replacement.yaml': 'source: {kind: Service, name: web}\ntargets: []\n',
  'overlays/prod/patches/resources.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      $setElementOrder/containers: [{name: web}]
      containers:
        - name: web
          resources: {requests: {cpu: 100m}}
        - name: old
          $patch: delete
`,
  'overlays/prod/patches/remove.json': '[{"op": "remove", "path": "/spec/template/spec/nodeSelector"}]',
  'components/metrics/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources: [service.yaml]
patches:
  - path: sidecar.yaml
    target: {kind: Deployment, name: web}
`,
  'components/metrics/service.yaml': service.replace('{name: web}', '{name: web-metrics}'),
  'components/metrics/sidecar.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any}\nspec: {template: {spec: {containers: [{name: metrics, image: "m:1"}]}}}\n',
};

describe('kustomizations', () => {
  it('with overlays, components, generators, patches and replacements are sound', () => {
    expect(told(app)).toEqual([]);
  });

  it('are looked at all the same', () => {
    const wrong = {
      ...app,
      'overlays/prod/ingress.yaml': (app['overlays/prod/ingress.yaml'] ?? '').replace(
        'name: web, port',
        'name: wep, port',
      ),
      'overlays/prod/patches/resources.yaml': (app['overlays/prod/patches/resources.yaml'] ?? '').replace(
        'cpu: 100m',
        'cpu: 100x',
      ),
      'base/deployment.yaml': deployment.replace('key: token', 'key: tokn'),
    };
    expect(told(wrong)).toEqual([
      expect.stringContaining('base/deployment.yaml:20 reference/config-key'),
      expect.stringContaining('overlays/prod/ingress.yaml:11 reference/ingress-service'),
      expect.stringContaining('overlays/prod/patches/resources.yaml:10 type'),
    ]);
  });

  it('give objects labels, selectors, images and replicas', () => {
    const bare: Files = {
      'kustomization.yaml': `resources: [web.yaml]
commonLabels: {app: shop}
images: [{name: web, digest: "sha256:0123456789012345678901234567890123456789012345678901234567890123"}]
replicas: [{name: web, count: 3}]
`,
      'web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  ports: [{port: 80}]
`,
    };
    expect(told(bare)).toEqual([]);
    expect(findings(bare, 'images/no-tag', 'reliability/single-replica', 'reference/service-pods')).toEqual([]);
    const without = { ...bare, 'kustomization.yaml': 'resources: [web.yaml]\n' };
    expect(findings(without, 'images/no-tag')).toEqual(['web.yaml:4 field-value-required', 'web.yaml:7 images/no-tag']);
  });

  it('put objects into one namespace, whatever these say', () => {
    const files: Files = {
      'base/kustomization.yaml': 'resources: [service.yaml, web.yaml]\n',
      'base/service.yaml': service,
      'base/web.yaml': deployment
        .replace(/ {6}serviceAccountName[\s\S]*?(?= {6}containers)/, '')
        .replace(/ {10}envFrom[\s\S]*?(?= {10}ports)/, ''),
      ...Object.fromEntries(
        ['dev', 'prod'].flatMap((name) => [
          [`overlays/${name}/kustomization.yaml`, `namespace: ${name}\nresources: [../../base, ingress.yaml]\n`],
          [`overlays/${name}/ingress.yaml`, app['overlays/prod/ingress.yaml'] ?? ''],
        ]),
      ),
    };
    expect(told(files)).toEqual([]);
  });

  it('with something from elsewhere leave open what is there', () => {
    const files: Files = {
      'kustomization.yaml': 'resources:\n  - https://github.com/example/base//deploy?ref=v1\n  - ingress.yaml\n',
      'ingress.yaml': app['overlays/prod/ingress.yaml'] ?? '',
    };
    expect(told(files)).toEqual([]);
    const other = service.replace('{name: web}', '{name: shop}').replace('{app: web}', '{}');
    const closed = { 'kustomization.yaml': 'resources: [ingress.yaml, other.yaml]\n', 'other.yaml': other };
    expect(told({ ...files, ...closed })).toHaveLength(1);
    const chart = `helmCharts: [{name: web, repo: "https://charts.example.com"}]\n${closed['kustomization.yaml']}`;
    expect(told({ ...files, ...closed, 'kustomization.yaml': chart })).toEqual([]);
  });

  it('have transformers, which are no objects of a cluster', () => {
    const files: Files = {
      'kustomization.yaml': 'resources: []\ntransformers: [prefix.yaml]\nconfigurations: [names.yaml]\n',
      'prefix.yaml':
        'apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: a-\nfieldSpecs: [{path: metadata/name}]\n',
      'names.yaml': 'nameReference:\n  - kind: Secret\n    fieldSpecs: [{kind: Any, path: spec/secret}]\n',
    };
    expect(told(files)).toEqual([]);
  });

  it('have the fields that kustomize knows', () => {
    const wrong = 'resorces: [web.yaml]\nnamespace: a\nspec: {}\n';
    expect(told({ 'kustomization.yaml': wrong })).toEqual([
      'kustomization.yaml:1 unknown-field: kustomize has no field resorces; did you mean resources?',
      'kustomization.yaml:3 unknown-field: kustomize has no field spec',
    ]);
  });

  it('may be named before or after what they hold', () => {
    expect(told(Object.fromEntries(Object.entries(app).reverse()))).toEqual([]);
  });
});

const chart: Files = {
  'chart/Chart.yaml':
    'apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{name: db, version: "1", repository: "https://charts.example.com"}]\n',
  'chart/values.yaml': 'kind: Deployment\nmetadata: {}\nspec: {replicas: 1}\nimage: {repository: web}\n',
  'chart/values.schema.json': '{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}',
  'chart/templates/deployment.yaml': `{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "web.fullname" . }}
  labels: {{- include "web.labels" . | nindent 4 }}
spec:
  {{- with .Values.spec }}
  replicas: {{ .replicas }}
  {{- end }}
{{- end }}
`,
  'chart/templates/quoted.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{{ .Release.Name }}-a"\ndata:\n  {{ range $k, $v := .Values.data }}{{ $k }}: {{ $v | quote }}\n{{ end }}\n',
  'chart/templates/sound.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{{ tpl .Values.x . }}"\n  naem: x\n',
  'chart/templates/plain.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n',
  'chart/crds/web.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: webs.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Web, plural: webs}\n  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n',
  'chart/charts/db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n',
  'chart/charts/db/templates/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Chart.Name }}\n',
};

describe('charts', () => {
  it('are recognised, before their Chart.yaml is known or after', () => {
    expect(told(chart)).toEqual([]);
    expect(told(Object.fromEntries(Object.entries(chart).reverse()))).toEqual([]);
  });

  it('have manifests without templates that are looked at', () => {
    const wrong = {
      ...chart,
      'chart/templates/plain.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndaat: {}\n',
    };
    expect(told(wrong)).toEqual([expect.stringContaining('chart/templates/plain.yaml:4 unknown-field')]);
  });

  it('are not seen where only a value has braces', () => {
    const alert = `apiVersion: v1
kind: ConfigMap
metadata: {name: alerts}
data:
  rules.yaml: |
    - alert: Down
      annotations: {summary: "{{ $labels.instance }} is down"}
  dashboard.json: '{"legend": "{{pod}}"}'
daat: {}
`;
    expect(told({ 'alerts.yaml': alert })).toEqual([expect.stringContaining('alerts.yaml:9 unknown-field')]);
  });

  it('count what was not checked', () => {
    const workspace = new Workspace();
    for (const [path, text] of Object.entries(chart)) workspace.setFile(path, text);
    const unchecked = Object.keys(chart).filter((path) => workspace.coverage(path).unchecked > 0);
    expect(unchecked).toEqual([
      'chart/templates/deployment.yaml',
      'chart/templates/quoted.yaml',
      'chart/templates/sound.yaml',
      'chart/charts/db/templates/service.yaml',
    ]);
  });
});
