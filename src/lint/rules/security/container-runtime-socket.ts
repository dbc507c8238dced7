import type { LintRule } from '../../rule.ts';
import { hasPods } from '../../selectors.ts';
import { podExample } from '../example.ts';

const socket = /(?:^|\/)(?:docker|containerd|crio|podman|cri-dockerd|k3s\/containerd\/containerd)\.sock$/;

export const containerRuntimeSocket: LintRule = {
  id: 'security/container-runtime-socket',
  severity: 'error',
  recommended: true,
  aliases: ['kube-linter:docker-sock'],
  summary: 'The socket of the container runtime is not mounted.',
  why: 'Who may talk to the runtime starts any container with any right: it is root on the node.',
  bad: podExample({ spec: 'volumes:\n  - name: docker\n    hostPath:\n      path: /var/run/docker.sock' }),
  good: podExample({ spec: 'volumes:\n  - name: docker\n    emptyDir: {}' }),
  appliesTo: hasPods,
  *check({ pod }) {
    for (const [index, { name, hostPath: source }] of (pod?.spec.volumes ?? []).entries()) {
      if (!source || !pod || !socket.test(source.path)) continue;
      const path = [...pod.path, 'volumes', index, 'hostPath', 'path'];
      yield { path, message: `volume ${name} is the socket of the container runtime` };
    }
  },
};
