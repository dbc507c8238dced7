/** How the builders are called. The generator of the builders and the importer of YAML share this. */
import type { KindBase } from './define-kind.ts';

/** Where two kinds share a name, the preferred one has it and the other says its group or version. */
const others: Readonly<Record<string, string>> = {
  'autoscaling/v1.HorizontalPodAutoscaler': 'horizontalPodAutoscalerV1',
  'events.k8s.io/v1.Event': 'eventsEvent',
};

/** `ConfigMap` -> `configMap`, `CSIDriver` -> `csiDriver`, `APIService` -> `apiService`. */
export function lowerFirst(kind: string): string {
  return kind.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (head) => head.toLowerCase());
}

/** Beta kinds of which there is no newer version: they have the name. Servers have beta versions only when told so. */
const foremostBetas: ReadonlySet<string> = new Set([
  'certificates.k8s.io/v1beta1.ClusterTrustBundle',
  'certificates.k8s.io/v1beta1.PodCertificateRequest',
  'coordination.k8s.io/v1beta1.LeaseCandidate',
  'resource.k8s.io/v1beta2.DeviceTaintRule',
  'storagemigration.k8s.io/v1beta1.StorageVersionMigration',
]);

/** The builder that is exported for a built-in kind; undefined for kinds that have none. */
export function builderName(kind: KindBase): string | undefined {
  // Also what is only posted and never stored, such as reviews.
  if (kind.served) return others[kind.typeName] ?? lowerFirst(kind.kind);
  if (!/beta/.test(kind.version)) return undefined;
  const name = lowerFirst(kind.kind);
  return foremostBetas.has(kind.typeName) ? name : `${name}V${kind.version.slice(1)}`;
}
