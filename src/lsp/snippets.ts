/** Whole objects and parts of them, ready to be filled in. `$1` marks places to stop at; without such a client they are taken out. */

import type { KindDefinition } from '../types/define-kind.ts';
import type { Registry } from '../types/registry.ts';
import { resolveSchema } from '../types/schema.ts';
import { builtInSchemas } from '../types/schema-table.ts';

export interface Snippet {
  readonly label: string;
  readonly detail: string;
  readonly body: string;
  /** Behind the others. */
  readonly rare?: boolean;
}

const container = `name: \${1:app}
image: \${2:nginx:1.27}
ports:
  - name: http
    containerPort: \${3:8080}
resources:
  requests:
    cpu: 100m
    memory: 128Mi
  limits:
    memory: 128Mi`;

function indent(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`);
}

function workload(kind: string, name: string, extra: string, title: string): Snippet {
  return {
    label: kind,
    detail: title,
    body: `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: \${1:${name}}
spec:
${extra}  selector:
    matchLabels:
      app.kubernetes.io/name: \${1:${name}}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: \${1:${name}}
    spec:
      containers:
        - name: \${1:${name}}
          image: \${2:nginx:1.27}
          ports:
            - name: http
              containerPort: \${3:8080}
          readinessProbe:
            httpGet:
              path: /
              port: http
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 128Mi`,
  };
}

function plain(kind: string, apiVersion: string, body: string, detail: string): Snippet {
  return {
    label: kind,
    detail,
    body: `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: \${1:name}\n${body}`,
  };
}

const jobPod = `template:
  spec:
    restartPolicy: Never
    containers:
      - name: \${1:name}
        image: \${2:busybox:1.37}
        command: [\${3:"true"}]`;

/** By the kind that they make. */
export const objectSnippets: readonly Snippet[] = [
  workload('Deployment', 'web', '  replicas: ${4:2}\n', 'a number of equal pods'),
  workload(
    'StatefulSet',
    'db',
    '  serviceName: ${1:db}\n  replicas: ${4:1}\n',
    'pods with names and volumes of their own',
  ),
  workload('DaemonSet', 'agent', '', 'one pod on every node'),
  plain(
    'Service',
    'v1',
    'spec:\n  selector:\n    app.kubernetes.io/name: ${1:name}\n  ports:\n    - name: http\n      port: ${2:80}\n      targetPort: ${3:http}',
    'an address for pods',
  ),
  plain('ConfigMap', 'v1', 'data:\n  ${2:key}: ${3:value}', 'settings'),
  plain('Secret', 'v1', 'type: Opaque\nstringData:\n  ${2:key}: ${3:value}', 'settings that are secret'),
  plain('Pod', 'v1', `spec:\n  containers:\n    - ${indent(container, 6)}`, 'a single pod'),
  plain('Job', 'batch/v1', `spec:\n  ${indent(jobPod, 2)}`, 'pods that run to their end'),
  plain(
    'CronJob',
    'batch/v1',
    `spec:\n  schedule: "\${4:0 3 * * *}"\n  jobTemplate:\n    spec:\n      ${indent(jobPod, 6)}`,
    'jobs by the clock',
  ),
  plain(
    'Ingress',
    'networking.k8s.io/v1',
    `spec:
  rules:
    - host: \${2:app.example.com}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: \${3:web}
                port:
                  name: http`,
    'HTTP from outside',
  ),
  plain(
    'NetworkPolicy',
    'networking.k8s.io/v1',
    `spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: \${2:web}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app.kubernetes.io/name: \${3:client}`,
    'who may talk to pods',
  ),
  plain(
    'PersistentVolumeClaim',
    'v1',
    'spec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: ${2:1Gi}',
    'storage that lasts',
  ),
  plain('ServiceAccount', 'v1', '', 'an identity for pods'),
  plain('Namespace', 'v1', '', 'a room for objects'),
  plain(
    'Role',
    'rbac.authorization.k8s.io/v1',
    'rules:\n  - apiGroups: [""]\n    resources: [${2:pods}]\n    verbs: [get, list, watch]',
    'what may be done in a namespace',
  ),
  plain(
    'RoleBinding',
    'rbac.authorization.k8s.io/v1',
    `roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: \${2:role}
subjects:
  - kind: ServiceAccount
    name: \${3:default}`,
    'who may do it',
  ),
  plain(
    'HorizontalPodAutoscaler',
    'autoscaling/v2',
    `spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: \${2:web}
  minReplicas: 2
  maxReplicas: \${3:10}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 80`,
    'pods by load',
  ),
  plain(
    'PodDisruptionBudget',
    'policy/v1',
    'spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: ${2:web}',
    'how many pods may go at once',
  ),
];

/** Of all kinds that there are, the usual ones filled in as they mostly are. */
export function wholeObjects(registry: Registry): readonly Snippet[] {
  const usual = new Set(objectSnippets.map(({ label }) => label));
  const others = [...registry.all()].filter(({ kind, virtual, group }) => {
    if (virtual || usual.has(kind) || group === 'events.k8s.io') return false;
    usual.add(kind);
    return true;
  });
  return [
    ...objectSnippets,
    ...others.map((one) => ({
      ...plain(one.kind, one.apiVersion, requiredFields(one), one.apiVersion),
      rare: true,
    })),
  ];
}

/** The fields that have to be there, as far as they are known. */
function requiredFields({ schema }: KindDefinition): string {
  const spec = schema.properties?.['spec'];
  const resolved = spec ? resolveSchema(spec, builtInSchemas) : undefined;
  if (!resolved) return '';
  const required = (resolved.required ?? []).map((name) => `\n  ${name}: `);
  return required.length > 0 ? `spec:${required.join('')}` : 'spec:\n  ${2}';
}

const probe = 'httpGet:\n  path: ${1:/healthz}\n  port: ${2:http}\nperiodSeconds: 10';

/** Parts of objects, by the type that they are. */
export const partSnippets: Readonly<Record<string, readonly Snippet[]>> = {
  'v1.Container': [{ label: 'container', detail: 'name, image, port, resources', body: container }],
  'v1.Probe': [
    { label: 'HTTP probe', detail: 'a request that has to succeed', body: probe },
    {
      label: 'TCP probe',
      detail: 'a port that has to answer',
      body: 'tcpSocket:\n  port: ${1:http}\nperiodSeconds: 10',
    },
    {
      label: 'command probe',
      detail: 'a command that has to succeed',
      body: 'exec:\n  command: [${1:"true"}]\nperiodSeconds: 10',
    },
  ],
  'v1.EnvVar': [
    { label: 'value', detail: 'a variable with a text', body: 'name: ${1:NAME}\nvalue: "${2:value}"' },
    {
      label: 'from ConfigMap',
      detail: 'a key of a ConfigMap',
      body: 'name: ${1:NAME}\nvalueFrom:\n  configMapKeyRef:\n    name: ${2:settings}\n    key: ${3:key}',
    },
    {
      label: 'from Secret',
      detail: 'a key of a Secret',
      body: 'name: ${1:NAME}\nvalueFrom:\n  secretKeyRef:\n    name: ${2:secret}\n    key: ${3:key}',
    },
    {
      label: 'from field',
      detail: 'a field of the pod',
      body: 'name: ${1:POD_NAME}\nvalueFrom:\n  fieldRef:\n    fieldPath: ${2:metadata.name}',
    },
  ],
  'v1.Volume': [
    { label: 'emptyDir volume', detail: 'a folder as long as the pod lives', body: 'name: ${1:cache}\nemptyDir: {}' },
    {
      label: 'ConfigMap volume',
      detail: 'keys as files',
      body: 'name: ${1:config}\nconfigMap:\n  name: ${2:settings}',
    },
    { label: 'Secret volume', detail: 'keys as files', body: 'name: ${1:secret}\nsecret:\n  secretName: ${2:secret}' },
    {
      label: 'claim volume',
      detail: 'storage that lasts',
      body: 'name: ${1:data}\npersistentVolumeClaim:\n  claimName: ${2:data}',
    },
  ],
  'v1.SecurityContext': [
    {
      label: 'restricted',
      detail: 'what the restricted Pod Security Standard asks for',
      body: 'runAsNonRoot: true\nallowPrivilegeEscalation: false\nreadOnlyRootFilesystem: true\ncapabilities:\n  drop: [ALL]\nseccompProfile:\n  type: RuntimeDefault',
    },
  ],
  'v1.ResourceRequirements': [
    {
      label: 'requests and limits',
      detail: 'cpu and memory',
      body: 'requests:\n  cpu: ${1:100m}\n  memory: ${2:128Mi}\nlimits:\n  memory: ${2:128Mi}',
    },
  ],
  'v1.ServicePort': [
    { label: 'port', detail: 'a port with its name', body: 'name: ${1:http}\nport: ${2:80}\ntargetPort: ${3:http}' },
  ],
  'v1.ContainerPort': [
    { label: 'port', detail: 'a port with its name', body: 'name: ${1:http}\ncontainerPort: ${2:8080}' },
  ],
};

/** For clients that know no snippets. */
export function withoutStops(body: string): string {
  return body.replaceAll(/\$\{\d+:((?:[^{}]|\{\})*)\}/g, '$1').replaceAll(/\$\d+|\$\{\d+\}/g, '');
}
