import { fromHelm, fromKustomize, fromYaml, namespaced } from 'kubewright';

const manifests = await fromYaml('./vendor');

const overlay = await fromKustomize('./deploy/overlays/prod');

const monitoring = await fromHelm('kube-prometheus-stack', {
  repo: 'https://prometheus-community.github.io/helm-charts',
  version: '75.0.0',
  namespace: 'monitoring',
  values: { grafana: { enabled: false } },
});

export default [manifests, overlay, namespaced('monitoring', monitoring)];
