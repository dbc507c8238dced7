/** The catalogue of what linters look for: each entry with the rule, or the complaint of Kubernetes itself, that reports it. */
import { describe, expect, it } from 'vitest';
import { deploymentExample, podExample } from '../../src/lint/rules/example.ts';
import { rules } from '../../src/lint/rules/index.ts';
import { Workspace } from '../../src/lint/workspace.ts';
import type { LintConfig } from '../../src/lint/config.ts';
import { pathText } from '../../src/types/field-issue.ts';

/** Entries that a rule of ours is for; its bad example is the proof. */
const byRule: Readonly<Record<string, string>> = {
  'sec-privileged': 'security/privileged',
  'sec-allow-escalation': 'security/allow-escalation',
  'sec-run-as-root': 'security/run-as-root',
  'sec-run-as-non-root': 'security/run-as-non-root',
  'sec-low-uid': 'security/low-uid',
  'sec-low-gid': 'security/low-gid',
  'sec-root-group': 'security/root-group',
  'sec-writable-rootfs': 'security/writable-root-filesystem',
  'sec-caps-added-baseline': 'security/added-capabilities',
  'sec-caps-not-all-dropped': 'security/capabilities-not-dropped',
  'sec-caps-net-raw': 'security/net-raw',
  'sec-caps-sys-admin': 'security/sys-admin',
  'sec-caps-sys-module': 'security/sys-module',
  'sec-host-network': 'security/host-network',
  'sec-host-pid': 'security/host-pid',
  'sec-host-ipc': 'security/host-ipc',
  'sec-host-port': 'security/host-port',
  'sec-host-path': 'security/host-path',
  'sec-host-path-sensitive': 'security/host-path-sensitive',
  'sec-host-path-writable': 'security/host-path-writable',
  'sec-docker-socket': 'security/container-runtime-socket',
  'sec-mount-propagation': 'security/mount-propagation',
  'sec-host-process': 'security/host-process',
  'sec-proc-mount': 'security/proc-mount',
  'sec-sysctls': 'security/sysctls',
  'sec-selinux': 'security/selinux',
  'sec-apparmor': 'security/apparmor',
  'sec-seccomp-unconfined': 'security/seccomp-unconfined',
  'sec-seccomp-missing': 'security/seccomp-missing',
  'sec-volume-types': 'security/volume-types',
  'sec-probe-host': 'security/probe-host',
  'sec-hardening-none': 'security/no-hardening',
  'sec-automount-token': 'security/automount-token',
  'sec-default-service-account': 'security/default-service-account',
  'sec-env-secret-literal': 'security/env-secret-literal',
  'sec-env-secret-ref': 'security/env-secret-reference',
  'sec-configmap-secret': 'security/configmap-secret',
  'sec-secret-in-git': 'security/secret-in-repository',
  'sec-known-tokens': 'security/known-token',
  'rbac-cluster-admin': 'rbac/cluster-admin',
  'rbac-wildcard': 'rbac/wildcard',
  'rbac-secrets': 'rbac/read-secrets',
  'rbac-create-pods': 'rbac/create-pods',
  'rbac-exec-attach': 'rbac/exec',
  'rbac-escalate-bind': 'rbac/escalate',
  'rbac-system-groups': 'rbac/system-groups',
  'rel-liveness-missing': 'reliability/liveness-missing',
  'rel-readiness-missing': 'reliability/readiness-missing',
  'rel-probes-identical': 'reliability/probes-identical',
  'rel-probe-values': 'reliability/probe-values',
  'rel-replicas-single': 'reliability/single-replica',
  'rel-hpa-min': 'reliability/autoscaler-minimum',
  'rel-hpa-replicas-set': 'reliability/autoscaled-replicas',
  'rel-hpa-max-equal-min': 'reliability/autoscaler-without-room',
  'rel-pdb-missing': 'reliability/budget-missing',
  'rel-pdb-blocks': 'reliability/budget-blocks',
  'rel-pdb-no-policy': 'reliability/budget-empty',
  'rel-pdb-above-hpa-min': 'reliability/budget-above-autoscaler',
  'rel-pdb-unhealthy-policy': 'reliability/budget-unhealthy-pods',
  'rel-anti-affinity': 'reliability/anti-affinity',
  'rel-topology-spread': 'reliability/topology-spread',
  'rel-node-affinity': 'reliability/node-affinity',
  'rel-strategy-recreate': 'reliability/recreate-strategy',
  'rel-priority-class': 'reliability/priority-class',
  'rel-restart-policy': 'reliability/restart-policy',
  'rel-naked-pod': 'reliability/naked-pod',
  'rel-cron-deadline': 'reliability/cron-deadline',
  'rel-cron-concurrency': 'reliability/cron-concurrency',
  'rel-job-ttl': 'reliability/job-lifetime',
  'rel-prestop': 'reliability/pre-stop',
  'rel-grace-period': 'reliability/grace-period',
  'rel-statefulset-servicename': 'reliability/stateful-set-service-name',
  'rel-shared-rwo': 'reliability/shared-disk',
  'cor-namespace-ignored': 'correctness/namespace-ignored',
  'ref-service-pods': 'reference/service-pods',
  'ref-service-port': 'reference/service-port',
  'ref-ingress-service': 'reference/ingress-service',
  'ref-ingress-port': 'reference/ingress-port',
  'ref-ingress-tls-secret': 'reference/ingress-tls-secret',
  'ref-configmap': 'reference/config-map',
  'ref-secret': 'reference/secret',
  'ref-config-key': 'reference/config-key',
  'ref-optional': 'reference/optional',
  'ref-pvc': 'reference/volume-claim',
  'ref-service-account': 'reference/service-account',
  'ref-role': 'reference/role',
  'ref-hpa-target': 'reference/autoscaler-target',
  'ref-pdb-pods': 'reference/budget-pods',
  'ref-networkpolicy-pods': 'reference/network-policy-pods',
  'ref-statefulset-service': 'reference/stateful-set-service',
  'ref-servicemonitor': 'reference/service-monitor',
  'ref-probe-port': 'reference/probe-port',
  'ref-owner': 'reference/owner',
  'ref-duplicate-object': 'reference/duplicate-object',
  'net-no-policy': 'network/no-policy',
  'net-nodeport': 'network/node-port',
  'net-loadbalancer': 'network/load-balancer',
  'net-external-ips': 'network/external-ips',
  'net-ssh-port': 'network/ssh-port',
  'net-privileged-port': 'network/privileged-port',
  'net-ingress-tls': 'network/ingress-tls',
  'net-ingress-wildcard': 'network/ingress-wildcard',
  'net-ingress-snippets': 'network/ingress-snippet',
  'res-cpu-request': 'resources/cpu-request',
  'res-memory-request': 'resources/memory-request',
  'res-memory-limit': 'resources/memory-limit',
  'res-cpu-limit': 'resources/cpu-limit',
  'res-ephemeral-storage': 'resources/ephemeral-storage',
  'res-requests-equal-limits': 'resources/requests-equal-limits',
  'img-latest': 'images/latest',
  'img-no-tag': 'images/no-tag',
  'img-no-digest': 'images/no-digest',
  'img-pull-policy': 'images/pull-policy',
  'img-registry-allowlist': 'images/registry-not-allowed',
  'img-name-invalid': 'images/invalid-name',
  'dep-service-account-field': 'deprecation/service-account-field',
  'sty-namespace-default': 'style/namespace-default',
  'sty-namespace-missing': 'style/namespace-missing',
  'sty-required-labels': 'style/required-labels',
  'sty-required-annotations': 'style/required-annotations',
  'sty-recommended-labels': 'style/recommended-labels',
  'sty-name-instance-label': 'style/instance-label',
  'sty-key-order': 'style/key-order',
  'sty-quoted-strings': 'style/quoted-strings',
  'sty-octal': 'style/octal',
  'sty-multi-doc-separator': 'style/document-separator',
  'sty-unused-anchor': 'style/unused-anchor',
  'sty-dns-ndots': 'style/dns-ndots',
};

interface Refusal {
  readonly rule: string;
  readonly path: string;
  readonly severity?: 'error' | 'warning';
  readonly yaml: string;
}

function service(lines: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n${lines.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

function withName(metadata: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n${metadata.replaceAll(/^(?=.)/gm, '  ')}\n`;
}

const autoscaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 5
  maxReplicas: 2
`;

/** Entries that Kubernetes itself complains of. */
const byKubernetes: Readonly<Record<string, Refusal>> = {
  'cor-schema': { rule: 'unknown-field', path: 'spec.contaners', yaml: podExample({ spec: 'contaners: []' }) },
  'cor-duplicate-key': { rule: 'duplicate-key', path: '', yaml: withName('name: a\nname: b') },
  'cor-yaml-syntax': { rule: 'syntax', path: '', yaml: withName('name: "a') },
  'cor-yaml11-scalar': {
    rule: 'type',
    path: 'data[debug]',
    yaml: `${withName('name: a')}data:\n  debug: on\n`,
  },
  'cor-selector-mismatch': {
    rule: 'field-value-invalid',
    path: 'spec.template.metadata.labels',
    yaml: deploymentExample().replace('matchLabels:\n      app: web', 'matchLabels:\n      app: other'),
  },
  'cor-selector-missing': {
    rule: 'field-value-required',
    path: 'spec.selector',
    yaml: deploymentExample().replace('  selector:\n    matchLabels:\n      app: web\n', ''),
  },
  'cor-label-syntax': {
    rule: 'field-value-invalid',
    path: 'metadata.labels',
    yaml: withName('name: a\nlabels:\n  app: not a label'),
  },
  'cor-annotation-size': {
    rule: 'field-value-too-long',
    path: 'metadata.annotations',
    yaml: withName(`name: a\nannotations:\n  big: ${'x'.repeat(262_145)}`),
  },
  'cor-name-syntax': { rule: 'field-value-invalid', path: 'metadata.name', yaml: withName('name: Not_A_Name') },
  'cor-name-missing': { rule: 'field-value-required', path: 'metadata.name', yaml: withName('labels: {}') },
  'cor-quantity': {
    rule: 'type',
    path: 'spec.containers[0].resources.requests[cpu]',
    yaml: podExample({ container: 'resources:\n  requests:\n    cpu: 100x' }),
  },
  'cor-probe-handlers': {
    rule: 'field-value-forbidden',
    path: 'spec.containers[0].livenessProbe.tcpSocket',
    yaml: podExample({ container: 'livenessProbe:\n  httpGet: {path: /, port: 80}\n  tcpSocket: {port: 80}' }),
  },
  'cor-probe-thresholds': {
    rule: 'field-value-invalid',
    path: 'spec.containers[0].livenessProbe.successThreshold',
    yaml: podExample({ container: 'livenessProbe:\n  successThreshold: 2\n  tcpSocket: {port: 80}' }),
  },
  'cor-env-both': {
    rule: 'field-value-invalid',
    path: 'spec.containers[0].env[0].valueFrom',
    yaml: podExample({
      container: 'env:\n  - name: A\n    value: a\n    valueFrom: {fieldRef: {fieldPath: metadata.name}}',
    }),
  },
  'cor-env-duplicate': {
    rule: 'warning',
    severity: 'warning',
    path: 'spec.containers[0].env[1]',
    yaml: podExample({ container: 'env:\n  - {name: A, value: a}\n  - {name: A, value: b}' }),
  },
  'cor-container-duplicate': {
    rule: 'field-value-duplicate',
    path: 'spec.containers[1].name',
    yaml: `${podExample({})}    - name: web\n      image: registry.example.com/web:1.4.2\n`,
  },
  'cor-port-name': {
    rule: 'field-value-invalid',
    path: 'spec.containers[0].ports[0].name',
    yaml: podExample({ container: 'ports:\n  - {name: much-too-long-a-name, containerPort: 80}' }),
  },
  'cor-port-range': {
    rule: 'field-value-invalid',
    path: 'spec.ports[0].port',
    yaml: service('selector: {app: web}\nports:\n  - port: 70000'),
  },
  'cor-port-string-number': {
    rule: 'field-value-invalid',
    path: 'spec.ports[0].targetPort',
    yaml: service('selector: {app: web}\nports:\n  - port: 80\n    targetPort: "8080"'),
  },
  'cor-port-duplicate': {
    rule: 'warning',
    severity: 'warning',
    path: 'spec.containers[0].ports[1]',
    yaml: podExample({ container: 'ports:\n  - {name: a, containerPort: 80}\n  - {name: b, containerPort: 80}' }),
  },
  'cor-volume-unknown': {
    rule: 'field-value-not-found',
    path: 'spec.containers[0].volumeMounts[0].name',
    yaml: podExample({ container: 'volumeMounts:\n  - {name: data, mountPath: /data}' }),
  },
  'cor-volume-sources': {
    rule: 'field-value-forbidden',
    path: 'spec.volumes[0].configMap',
    yaml: podExample({ spec: 'volumes:\n  - name: data\n    emptyDir: {}\n    configMap: {name: a}' }),
  },
  'cor-mount-duplicate': {
    rule: 'field-value-invalid',
    path: 'spec.containers[0].volumeMounts[1].mountPath',
    yaml: podExample({
      spec: 'volumes:\n  - {name: data, emptyDir: {}}',
      container: 'volumeMounts:\n  - {name: data, mountPath: /data}\n  - {name: data, mountPath: /data}',
    }),
  },
  'cor-mode-range': {
    rule: 'field-value-invalid',
    path: 'spec.volumes[0].configMap.defaultMode',
    yaml: podExample({ spec: 'volumes:\n  - name: a\n    configMap: {name: a, defaultMode: 644}' }),
  },
  'cor-restart-policy': {
    rule: 'field-value-not-supported',
    path: 'spec.template.spec.restartPolicy',
    yaml: deploymentExample({ spec: 'restartPolicy: Never' }),
  },
  'cor-strategy-conflict': {
    rule: 'field-value-forbidden',
    path: 'spec.strategy.rollingUpdate',
    yaml: deploymentExample({ deployment: 'strategy:\n  type: Recreate\n  rollingUpdate: {maxSurge: 1}' }),
  },
  'cor-cron-schedule': {
    rule: 'field-value-invalid',
    path: 'spec.schedule',
    yaml: `apiVersion: batch/v1
kind: CronJob
metadata: {name: a}
spec:
  schedule: every day
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: a, image: a}]
`,
  },
  'cor-hpa-range': { rule: 'field-value-invalid', path: 'spec.maxReplicas', yaml: autoscaler },
  'cor-pdb-exclusive': {
    rule: 'field-value-invalid',
    path: 'spec',
    yaml: `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: a}
spec: {minAvailable: 1, maxUnavailable: 1, selector: {matchLabels: {app: web}}}
`,
  },
  'cor-secret-base64': {
    rule: 'type',
    path: 'data[password]',
    yaml: 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  password: not-base64!\n',
  },
  'res-request-over-limit': {
    rule: 'field-value-invalid',
    path: 'spec.containers[0].resources.requests',
    yaml: podExample({ container: 'resources:\n  requests: {cpu: 2}\n  limits: {cpu: 1}' }),
  },
  'res-memory-milli': {
    rule: 'warning',
    severity: 'warning',
    path: 'spec.containers[0].resources.requests[memory]',
    yaml: podExample({ container: 'resources:\n  requests: {memory: 100m}' }),
  },
  'dep-removed-api': {
    rule: 'removed-api',
    path: 'apiVersion',
    yaml: deploymentExample().replace('apps/v1', 'extensions/v1beta1'),
  },
  'dep-deprecated-api': {
    rule: 'deprecated-api',
    severity: 'warning',
    path: 'apiVersion',
    yaml: 'apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\n',
  },
  'dep-annotations': {
    rule: 'warning',
    severity: 'warning',
    path: 'metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]',
    yaml: podExample({ metadata: 'annotations:\n  seccomp.security.alpha.kubernetes.io/pod: runtime/default' }),
  },
  'dep-in-tree-volumes': {
    rule: 'warning',
    severity: 'warning',
    path: 'spec.volumes[0].gitRepo',
    yaml: podExample({ spec: 'volumes:\n  - name: a\n    gitRepo: {repository: https://example.com/a.git}' }),
  },
  'dep-node-labels': {
    rule: 'warning',
    severity: 'warning',
    path: 'spec.nodeSelector[beta.kubernetes.io/os]',
    yaml: podExample({ spec: 'nodeSelector:\n  beta.kubernetes.io/os: linux' }),
  },
  'dep-psp': {
    rule: 'removed-api',
    path: 'apiVersion',
    yaml: 'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\n',
  },
};

/** Rules that need to be told something find nothing without. */
const told: NonNullable<LintConfig['rules']> = {
  'images/registry-not-allowed': { severity: 'warning', options: { registries: ['registry.example.com'] } },
  'style/required-labels': { severity: 'warning', options: { labels: ['team'] } },
  'style/required-annotations': { severity: 'warning', options: { annotations: ['owner'] } },
};

describe('the catalogue', () => {
  it('has 166 entries', () => {
    expect(Object.keys(byRule).length + Object.keys(byKubernetes).length).toBe(166);
  });

  it.each(Object.entries(byRule))('%s is %s', (_id, name) => {
    const rule = rules.find(({ id }) => id === name);
    const setting = told[name] ?? { severity: rule?.severity ?? 'off' };
    const workspace = new Workspace({ config: { extends: 'none', rules: { [name]: setting } } });
    workspace.setFile('bad.yaml', rule?.bad ?? '');
    const found = workspace.diagnostics('bad.yaml').filter((one) => one.rule === name);
    expect(found.map(({ message }) => message)).not.toEqual([]);
  });

  it.each(Object.entries(byKubernetes))('%s is said by Kubernetes', (_id, { rule, path, severity = 'error', yaml }) => {
    const workspace = new Workspace({ config: { extends: 'none' } });
    workspace.setFile('bad.yaml', yaml);
    const found = workspace.diagnostics('bad.yaml').map((one) => ({
      rule: one.rule,
      path: pathText(one.fieldPath),
      severity: one.severity,
    }));
    expect(found).toContainEqual({ rule, path, severity });
  });
});

describe('recommended', () => {
  it('has no error but where something can certainly not work', () => {
    const workspace = new Workspace();
    const errors = rules.filter((rule) => {
      const object = { apiVersion: 'v1', kind: 'Pod', metadata: {} };
      const subject = { object, kind: undefined, file: 'a.yaml', namespace: undefined, pod: undefined };
      return workspace.settings.of(rule, subject)?.severity === 'error';
    });
    expect(errors.filter(({ certain }) => certain !== true).map(({ id }) => id)).toEqual([]);
  });
});
