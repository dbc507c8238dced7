// Existing YAML, put into a namespace and patched where our needs differ. Charts and kustomizations come in the same way, by
// fromHelm and fromKustomize.
import { fromYaml, labelled, namespace, namespaced, patched } from 'kubewright';

const hello = await fromYaml('./manifests');

const scaled = patched(hello, { kind: 'Deployment', name: 'hello' }, { spec: { replicas: 3 } });
const pinned = patched(scaled, { kind: 'Service', name: 'hello' }, [
  { op: 'add', path: '/spec/type', value: 'NodePort' },
]);

export default [namespace({ metadata: { name: 'hello' } }), namespaced('hello', labelled({ team: 'web' }, pinned))];
