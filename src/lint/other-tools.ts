/**
 * The checks of kube-linter and kube-score by name, for people who come from there: which are on by default, and which are no
 * rules here because Kubernetes itself says the same.
 */

export type OtherTool = 'kube-linter' | 'kube-score';

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Checks that each tool makes unless told otherwise, as far as they are rules here. */
export const defaultChecks: Readonly<Record<OtherTool, ReadonlySet<string>>> = {
  'kube-linter': new Set(
    words(`
      dangling-service deprecated-service-account-field docker-sock drop-net-raw-capability env-var-secret host-ipc
      host-network host-pid job-ttl-seconds-after-finished latest-tag liveness-port no-anti-affinity no-read-only-root-fs
      non-existent-service-account pdb-max-unavailable pdb-min-available pdb-unhealthy-pod-eviction-policy
      privilege-escalation-container privileged-container readiness-port run-as-non-root sensitive-host-mounts ssh-port
      startup-port unsafe-sysctls unset-cpu-requirements unset-memory-requirements`).map(
      (name) => `kube-linter:${name}`,
    ),
  ),
  'kube-score': new Set(
    words(`
      container-ephemeral-storage-request-and-limit container-image-pull-policy container-image-tag container-resources
      container-security-context-privileged container-security-context-readonlyrootfilesystem
      container-security-context-user-group-id cronjob-has-deadline deployment-has-host-podantiaffinity
      deployment-has-poddisruptionbudget deployment-replicas deployment-strategy
      deployment-targeted-by-hpa-does-not-have-replicas-configured horizontalpodautoscaler-has-target
      horizontalpodautoscaler-replicas ingress-targets-service networkpolicy-targets-pod pod-networkpolicy pod-probes
      pod-probes-identical pod-topology-spread-constraints poddisruptionbudget-has-policy service-targets-pod service-type
      statefulset-has-host-podantiaffinity statefulset-has-poddisruptionbudget statefulset-has-servicename`).map(
      (name) => `kube-score:${name}`,
    ),
  ),
};

const ofKubernetes: ReadonlySet<string> = new Set(
  words(`
    kube-linter:duplicate-env-var kube-linter:invalid-target-ports kube-linter:mismatching-selector
    kube-linter:no-extensions-v1beta kube-linter:schema-validation kube-score:container-ports-check
    kube-score:cronjob-restartpolicy kube-score:deployment-pod-selector-labels-match-template-metadata-labels
    kube-score:environment-variable-key-duplication kube-score:label-values kube-score:stable-version
    kube-score:statefulset-pod-selector-labels-match-template-metadata-labels`),
);

/** Whether another tool's check is no rule here because the answer of Kubernetes itself covers it. */
export function isSaidByKubernetes(name: string): boolean {
  return ofKubernetes.has(name) || ofKubernetes.has(`kube-linter:${name}`) || ofKubernetes.has(`kube-score:${name}`);
}
