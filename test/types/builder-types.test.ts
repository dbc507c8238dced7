import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeCheck } from '../../src/compiler/type-check.ts';
import { kubewright, messages, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Everything that refers to something else, and every union and text of a fixed form. */
const program = `import * as k from 'kubewright';
const some: string = ['64', 'Mi'].join('');
const cm = k.configMap({ metadata: { name: 'settings' }, data: { conf: 'b' } });
const sec = k.secret({ metadata: { name: 'credentials' }, stringData: { password: 'b' } });
const ns = k.namespace({ metadata: { name: 'shop' } });
const sa = k.serviceAccount({ metadata: { name: 'sa', namespace: ns }, imagePullSecrets: [sec] });
const role = k.role({ metadata: { name: 'reader:pods', namespace: ns }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] });
const all = k.clusterRole({ metadata: { name: 'health' }, rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] });
const urgent = k.priorityClass({ metadata: { name: 'urgent' }, value: 1000 });
const fast = k.storageClass({ metadata: { name: 'fast' }, provisioner: 'example.com/fast' });
const claim = k.persistentVolumeClaim({ metadata: { name: 'data', namespace: ns }, spec: { storageClassName: fast, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
const web = k.deployment({ metadata: { name: 'web', namespace: ns }, spec: {
  strategy: { rollingUpdate: { maxSurge: '25%' } },
  template: { spec: {
    serviceAccountName: sa, imagePullSecrets: [sec, { name: 'other' }], priorityClassName: urgent,
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    hostAliases: [{ ip: '10.0.0.1' }],
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: claim } },
      { name: 'conf', configMap: { name: cm } },
      { name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '500Mi' } },
      { name: 'all', projected: { sources: [{ secret: { name: sec } }] } },
    ],
    containers: [{
      name: 'web', image: 'web:1', imagePullPolicy: 'Always',
      ports: [{ name: 'http', containerPort: 80 }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
      resources: { requests: { cpu: '100m', memory: '64Mi' } },
      livenessProbe: { httpGet: { port: 'http' } },
      lifecycle: { preStop: { httpGet: { port: 'http' } } },
      env: [{ name: 'A', value: 'x' }, { name: 'B', valueFrom: { configMapKeyRef: { name: cm, key: 'conf' } } }, { name: 'C', valueFrom: sec.key('password') }],
      envFrom: [{ secretRef: { name: sec } }],
    }],
  } },
} });
const svc = k.service({ metadata: { name: 'web', namespace: ns }, spec: { type: 'LoadBalancer', selector: web, loadBalancerSourceRanges: ['10.0.0.0/8'], ports: [{ name: 'web', port: 80, targetPort: 'http' }] } });
const autoscaler = k.horizontalPodAutoscaler({ metadata: { name: 'web', namespace: ns }, spec: { scaleTargetRef: web, maxReplicas: 3, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }] } });
const budget = k.podDisruptionBudget({ metadata: { name: 'web', namespace: ns }, spec: { selector: web, maxUnavailable: '50%' } });
const policy = k.networkPolicy({ metadata: { name: 'web', namespace: ns }, spec: { podSelector: web, ingress: [{ from: [{ namespaceSelector: ns }, { ipBlock: { cidr: '10.0.0.0/8' } }] }] } });
const binding = k.roleBinding({ metadata: { name: 'b', namespace: ns }, roleRef: role, subjects: [sa, { kind: 'User', name: 'x', apiGroup: 'rbac.authorization.k8s.io' }] });
const clusterBinding = k.clusterRoleBinding({ metadata: { name: 'b' }, roleRef: all, subjects: [sa] });
const route = k.ingress({ metadata: { name: 'web', namespace: ns }, spec: { tls: [{ secretName: sec }], rules: [{ host: 'shop.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: svc, port: { name: 'web' } } } }, { path: '/b', pathType: 'Prefix', backend: svc.backend('web') }] } }] } });
const often = k.cronJob({ metadata: { name: 'often', namespace: ns }, spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x:1', resources: { limits: { memory: some } } }] } } } } } });
const named = [1, 2].map((n) => k.configMap({ metadata: { name: \`c-\${n}\` } }));
export default [named, k.list({ items: [cm, sec, ns, sa, role, all, urgent, fast, claim, web, svc, autoscaler, budget, policy, binding, clusterBinding, route, often] })];
`;

/** What is written wrong, and the words that say so. */
const mistakes: readonly (readonly [right: string, wrong: string, message: RegExp])[] = [
  [
    'configMap: { name: cm } }',
    "configMap: { name: cm }, secret: { secretName: 'x' } }",
    /a volume has exactly one source/,
  ],
  ["{ name: 'conf', configMap: { name: cm } }", "{ name: 'conf' }", /a volume has exactly one source/],
  ['[{ secret: { name: sec } }]', '[{ secret: { name: sec }, configMap: { name: cm } }]', /exactly one source/],
  [
    "livenessProbe: { httpGet: { port: 'http' } }",
    "livenessProbe: { httpGet: { port: 'http' }, tcpSocket: { port: 80 } }",
    /a probe has exactly one of/,
  ],
  ["livenessProbe: { httpGet: { port: 'http' } }", 'livenessProbe: { periodSeconds: 5 }', /a probe has exactly one of/],
  ["preStop: { httpGet: { port: 'http' } }", 'preStop: {}', /LifecycleHandlerInput/],
  ["preStop: { httpGet: { port: 'http' } }", "preStop: { httpGet: { port: 'htp' } }", /'"http"'/],
  [
    "{ name: 'A', value: 'x' }",
    "{ name: 'A', value: 'x', valueFrom: cm.key('conf') }",
    /a value or a valueFrom, not both/,
  ],
  [
    'valueFrom: { configMapKeyRef: {',
    "valueFrom: { fieldRef: { fieldPath: 'x' }, configMapKeyRef: {",
    /valueFrom has exactly one source/,
  ],
  ["sec.key('password')", "sec.key('passwort')", /"password"/],
  ["type: 'Resource', resource:", "type: 'Pods', resource:", /resource|pods|AverageValue/],
  [
    "type: 'Utilization', averageUtilization: 70",
    "type: 'Utilization', averageValue: '70'",
    /'?(averageUtilization|averageValue)'?/,
  ],
  ['strategy: { rolling', "strategy: { type: 'Recreate', rolling", /maxSurge.*undefined/],
  ["maxSurge: '25%'", "maxSurge: '25pc'", /'25pc' is no percentage/],
  ["type: 'RuntimeDefault'", "type: 'Localhost'", /localhostProfile/],
  ["cpu: '100m', memory", "cpu: '100x', memory", /'100x' is no quantity/],
  ["sizeLimit: '500Mi'", "sizeLimit: '500MB'", /'500MB' is no quantity/],
  ["storage: '1Gi'", "storage: 'lots'", /'lots' is no quantity/],
  ["ip: '10.0.0.1'", "ip: '10.0.0.256'", /'10.0.0.256' is no IP address/],
  ["cidr: '10.0.0.0/8'", "cidr: '10.0.0.0/33'", /'10.0.0.0\/33' is no address range/],
  ["Ranges: ['10.0.0.0/8']", "Ranges: ['10.0.0.0']", /is no address range/],
  ["schedule: '*/5 * * * *'", "schedule: '*/5 * * *'", /is no schedule/],
  ["schedule: '*/5 * * * *'", "schedule: '60 * * * *'", /is no schedule/],
  ["schedule: '*/5 * * * *'", "schedule: '05 0 31 12 7'", /is no schedule/],
  ["schedule: '*/5 * * * *'", "schedule: '5 0 0 12 6'", /is no schedule/],
  ["host: 'shop.example.com'", "host: 'Shop_example'", /is no DNS name/],
  ["name: 'settings'", "name: 'Web_App'", /'Web_App' is no DNS name/],
  ["imagePullPolicy: 'Always'", "imagePullPolicy: 'Allways'", /"Always"/],
  ["volumeMounts: [{ name: 'data'", "volumeMounts: [{ name: 'dta'", /"data"/],
  ["targetPort: 'http'", "targetPort: 'htp'", /"http"/],
  ["port: { name: 'web' }", "port: { name: 'wbe' }", /"web"/],
  ["port: { name: 'web' }", "port: { name: 'web', number: 80 }", /exactly one of name and number/],
  ["svc.backend('web')", "svc.backend('wbe')", /"web"/],
  ['scaleTargetRef: web', 'scaleTargetRef: cm', /"Deployment"|Reference</],
  ['selector: web, loadBalancer', 'selector: cm, loadBalancer', /Reference<|WorkloadKind|string/],
  ['selector: web, maxUn', 'selector: cm, maxUn', /LabelSelector|Reference</],
  ["maxUnavailable: '50%'", "maxUnavailable: '50%', minAvailable: 1", /minAvailable or maxUnavailable, not both/],
  ['podSelector: web', 'podSelector: svc', /LabelSelector|Reference</],
  ['roleRef: role', 'roleRef: sa', /"Role"|RoleRef/],
  ['roleRef: all', 'roleRef: role', /"ClusterRole"|RoleRef/],
  ['subjects: [sa]', 'subjects: [web]', /"ServiceAccount"|Subject/],
  ['claimName: claim', 'claimName: cm', /"PersistentVolumeClaim"/],
  ['serviceAccountName: sa', 'serviceAccountName: role', /"ServiceAccount"/],
  ['imagePullSecrets: [sec, ', 'imagePullSecrets: [cm, ', /"Secret"|LocalObjectReference/],
  ['priorityClassName: urgent', 'priorityClassName: cm', /"PriorityClass"/],
  ['storageClassName: fast', 'storageClassName: cm', /"StorageClass"/],
  ['service: { name: svc,', 'service: { name: web,', /"Service"/],
  ["health' }", "health', namespace: ns }", /'namespace' does not exist in type 'ClusterObjectMetaInput/],
  ["name: 'sa', namespace: ns", "name: 'sa', namespace: cm", /"Namespace"/],
  [
    "resources: ['pods'], verbs",
    "resources: ['pods'], nonResourceURLs: ['/'], verbs",
    /resources or about nonResourceURLs, not both/,
  ],
  ['items: [cm, ', 'items: [{ a: 1 }, ', /'a' does not exist|missing/],
];

describe('the types of references, unions and texts', () => {
  it('accept a program that uses all of them, and YAML comes out of it', async () => {
    const folder = temporaryDirectory();
    writeFiles(folder, { 'app.ts': program });
    expect(typeCheck([join(folder, 'app.ts')])).toEqual([]);
    const outcome = await kubewright(folder, ['build', 'app.ts', '--format', 'json']);
    expect(messages(outcome)).toEqual([]);
    for (const text of [
      '"serviceAccountName": "sa"',
      '"claimName": "data"',
      '"namespace": "shop"',
      '"storageClassName": "fast"',
    ])
      expect(outcome.stdout).toContain(text);
  });

  it('refuse every mistake at its line with words that say what is wrong', () => {
    const lines = program.split('\n');
    const programs = mistakes.map(([right, wrong]) => {
      expect(program).toContain(right);
      return program.replace(right, () => wrong);
    });
    const folder = temporaryDirectory();
    writeFiles(folder, Object.fromEntries(programs.map((text, index) => [`p${index}.ts`, text])));
    const problems = typeCheck(programs.map((_, index) => join(folder, `p${index}.ts`)));
    const found = programs.map((text, index) => {
      const line = text.split('\n').findIndex((one, at) => one !== lines[at]) + 1;
      const own = problems.filter(({ place }) => place?.file.endsWith(`/p${index}.ts`));
      const [, wrong, message] = mistakes[index] ?? ['', '', /./];
      const right = own.some((problem) => problem.place?.line === line && message.test(problem.message));
      return right ? undefined : [wrong, own.map((problem) => `${problem.place?.line}: ${problem.message}`)];
    });
    expect(found.filter((one) => one !== undefined)).toEqual([]);
  });
});
