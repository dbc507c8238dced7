/** How the IPAddress objects that stand for addresses of Services are told from those that people make (KEP-1880). */
import type { IPAddress } from './kinds/generated/networking-v1.gen.ts';

export const managedByLabel = 'ipaddress.kubernetes.io/managed-by';
export const serviceAllocator = 'ipallocator.k8s.io';

/** Whether the cluster itself made the object for a Service; any other one keeps its address from Services. */
export function isAllocated({ metadata, spec }: IPAddress): boolean {
  return metadata.labels?.[managedByLabel] === serviceAllocator && spec?.parentRef?.resource === 'services';
}
