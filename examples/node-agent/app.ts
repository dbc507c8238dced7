// An agent on every node, with the rights that it needs and no others.
import { clusterRole, clusterRoleBinding, daemonSet, namespace, serviceAccount } from 'kubewright';

const home = namespace({ metadata: { name: 'node-agent' } });

const account = serviceAccount({ metadata: { name: 'node-agent', namespace: home } });

const reader = clusterRole({
  metadata: { name: 'node-agent' },
  rules: [
    { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] },
  ],
});

const binding = clusterRoleBinding({
  metadata: { name: 'node-agent' },
  roleRef: reader,
  subjects: [account],
});

const agent = daemonSet({
  metadata: { name: 'node-agent', namespace: home },
  spec: {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    template: {
      spec: {
        serviceAccountName: account,
        tolerations: [{ operator: 'Exists' }],
        priorityClassName: 'system-node-critical',
        volumes: [{ name: 'logs', hostPath: { path: '/var/log', type: 'Directory' } }],
        containers: [
          {
            name: 'agent',
            image: 'ghcr.io/example/node-agent:1.4.0',
            env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
            ports: [{ name: 'metrics', containerPort: 9100 }],
            volumeMounts: [{ name: 'logs', mountPath: '/host/log', readOnly: true }],
            resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '64Mi' } },
            livenessProbe: { httpGet: { path: '/', port: 'metrics' } },
          },
        ],
      },
    },
  },
});

export default [home, account, reader, binding, agent];
