/** Cluster roles of the control plane's components, and those that anybody may bind. */
import type { PolicyRule } from '../../types/kinds/generated/rbac-v1.gen.ts';
import { nodeRules } from './node-rules.ts';
import { pathRule, READ, READ_UPDATE, recordEvents, rule } from './rule.ts';

const signers = 'certificates.k8s.io';
const kubeletServing = 'kubernetes.io/kubelet-serving';
const kubeApiserverClientKubelet = 'kubernetes.io/kube-apiserver-client-kubelet';
const kubeApiserverClient = 'kubernetes.io/kube-apiserver-client';
const legacyUnknown = 'kubernetes.io/legacy-unknown';

const kubeScheduler: readonly PolicyRule[] = [
  recordEvents,
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
  rule('create delete deletecollection get list patch update watch', 'coordination.k8s.io', 'leasecandidates'),
  rule(READ, 'core', 'nodes'),
  rule('delete get list watch', 'core', 'pods'),
  rule('create', 'core', 'bindings pods/binding'),
  rule('patch update', 'core', 'pods/status'),
  rule(READ, 'core', 'replicationcontrollers services'),
  rule(READ, 'apps extensions', 'replicasets'),
  rule(READ, 'apps', 'statefulsets'),
  rule(READ, 'policy', 'poddisruptionbudgets'),
  rule(READ, 'core', 'persistentvolumeclaims persistentvolumes'),
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  rule(READ, 'storage.k8s.io', 'csinodes'),
  rule(READ, 'core', 'namespaces'),
  rule(READ, 'storage.k8s.io', 'csidrivers csistoragecapacities'),
  rule(READ, 'resource.k8s.io', 'deviceclasses resourceslices'),
  rule(READ_UPDATE, 'resource.k8s.io', 'resourceclaims'),
  rule('patch update', 'resource.k8s.io', 'resourceclaims/status'),
  rule(READ, 'storage.k8s.io', 'volumeattachments'),
];

const kubeControllerManager: readonly PolicyRule[] = [
  recordEvents,
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
  rule('create delete deletecollection get list patch update watch', 'coordination.k8s.io', 'leasecandidates'),
  rule('create', 'core', 'secrets serviceaccounts'),
  rule('delete', 'core', 'secrets'),
  rule('get', 'core', 'configmaps namespaces secrets serviceaccounts'),
  rule('update', 'core', 'secrets serviceaccounts'),
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  // Garbage collection and quota look at every kind there is.
  rule('list watch', '*', '*'),
  rule('create', 'core', 'serviceaccounts/token'),
];

const publicPaths = '/healthz /livez /readyz /version /version/';

/** Name -> rules. */
export const componentRoles: Readonly<Record<string, readonly PolicyRule[]>> = {
  'cluster-admin': [rule('*', '*', '*'), pathRule('*', '*')],
  'system:discovery': [
    pathRule('get', `/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/`),
  ],
  'system:monitoring': [
    pathRule('get', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
  ],
  'system:basic-user': [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ],
  'system:public-info-viewer': [pathRule('get', publicPaths)],
  'system:heapster': [rule(READ, 'core', 'events namespaces nodes pods'), rule(READ, 'extensions', 'deployments')],
  'system:node': nodeRules,
  'system:node-problem-detector': [rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), recordEvents],
  'system:kubelet-api-admin': [
    rule('get list watch', 'core', 'nodes'),
    rule('proxy', 'core', 'nodes'),
    rule('*', 'core', 'nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'),
  ],
  'system:node-bootstrapper': [rule('create get list watch', signers, 'certificatesigningrequests')],
  'system:auth-delegator': [
    rule('create', 'authentication.k8s.io', 'tokenreviews'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ],
  'system:kube-aggregator': [rule(READ, 'core', 'endpoints services')],
  'system:kube-controller-manager': kubeControllerManager,
  'system:kube-dns': [rule('list watch', 'core', 'endpoints services')],
  'system:persistent-volume-provisioner': [
    rule('create delete get list watch', 'core', 'persistentvolumes'),
    rule('get list update watch', 'core', 'persistentvolumeclaims'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('watch', 'core', 'events'),
    recordEvents,
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': [
    rule('create', signers, 'certificatesigningrequests/nodeclient'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': [
    rule('create', signers, 'certificatesigningrequests/selfnodeclient'),
  ],
  'system:certificates.k8s.io:legacy-unknown-approver': [rule('approve', signers, 'signers', legacyUnknown)],
  'system:certificates.k8s.io:kubelet-serving-approver': [rule('approve', signers, 'signers', kubeletServing)],
  'system:certificates.k8s.io:kube-apiserver-client-approver': [
    rule('approve', signers, 'signers', kubeApiserverClient),
  ],
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': [
    rule('approve', signers, 'signers', kubeApiserverClientKubelet),
  ],
  'system:kube-scheduler': kubeScheduler,
  'system:volume-scheduler': [
    rule(READ_UPDATE, 'core', 'persistentvolumes'),
    rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule(READ_UPDATE, 'core', 'persistentvolumeclaims'),
  ],
  'system:node-proxier': [
    rule('list watch', 'core', 'endpoints services'),
    rule(READ, 'core', 'nodes'),
    recordEvents,
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
    rule('list watch', 'networking.k8s.io', 'servicecidrs'),
  ],
  'system:service-account-issuer-discovery': [
    pathRule(
      'get',
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ],
};

/** ClusterRole (and name of its binding) -> subjects, as `User name` or `Group name` or `ServiceAccount namespace/name`. */
export const componentBindings: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['Group system:masters'],
  'system:monitoring': ['Group system:monitoring'],
  'system:discovery': ['Group system:authenticated'],
  'system:basic-user': ['Group system:authenticated'],
  'system:public-info-viewer': ['Group system:authenticated', 'Group system:unauthenticated'],
  'system:node-proxier': ['User system:kube-proxy'],
  'system:kube-controller-manager': ['User system:kube-controller-manager'],
  'system:kube-dns': ['ServiceAccount kube-system/kube-dns'],
  'system:kube-scheduler': ['User system:kube-scheduler'],
  'system:volume-scheduler': ['User system:kube-scheduler'],
  // Nodes get it from the node authorizer.
  'system:node': [],
  'system:service-account-issuer-discovery': ['Group system:serviceaccounts'],
};
