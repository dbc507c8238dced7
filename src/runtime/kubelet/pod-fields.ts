/** Fields of a pod as the downward API gives them to its containers. Pure. */
import type {
  Container,
  ObjectFieldSelector,
  Pod,
  ResourceFieldSelector,
} from '../../types/kinds/generated/core-v1.gen.ts';
import { containersOf } from './pod-containers.ts';
import { amountOf, resourceOf } from './resource-amounts.ts';

/** What the pod's own object does not say yet while its containers are being made. */
export interface PodPlace {
  readonly podIp: string | undefined;
  readonly hostIp: string;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** Why a container cannot be made from its spec as things are. The text is what the user reads in its status. */
export class ContainerConfigError extends Error {
  constructor(
    message: string,
    readonly reason: 'CreateContainerConfigError' | 'InvalidImageName' = 'CreateContainerConfigError',
  ) {
    super(message);
  }
}

/** @throws ContainerConfigError for a path that is no field of a pod */
export function fieldValue(pod: Pod, selector: ObjectFieldSelector, place: PodPlace): string {
  const { metadata, spec } = pod;
  const path = selector.fieldPath;
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript)
    return (subscript[1] === 'labels' ? metadata.labels : metadata.annotations)?.[subscript[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? '';
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return mapText(metadata.labels);
    case 'metadata.annotations':
      return mapText(metadata.annotations);
    case 'spec.nodeName':
      return spec?.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec?.serviceAccountName ?? '';
    case 'status.hostIP':
    case 'status.hostIPs':
      return place.hostIp;
    case 'status.podIP':
    case 'status.podIPs':
      return place.podIp ?? '';
    default:
      throw new ContainerConfigError(`unsupported fieldPath: ${path}`);
  }
}

/** `key="value"` lines in the order of their keys, the value as a Go string literal. */
function mapText(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** Whether the container's fields need the pod's address before it can be made. */
export function needsPodAddress(container: Container): boolean {
  return (container.env ?? []).some((variable) => variable.valueFrom?.fieldRef?.fieldPath.startsWith('status.podIP'));
}

/**
 * Rounded up to whole divisors, as upstream does.
 *
 * @throws ContainerConfigError for an unknown container or resource
 */
export function resourceFieldValue(
  pod: Pod,
  container: Container | undefined,
  selector: ResourceFieldSelector,
  place: PodPlace,
): string {
  const name = selector.containerName;
  const target =
    name === undefined || name === ''
      ? container
      : containersOf(pod).find((candidate) => candidate.container.name === name)?.container;
  if (!target) throw new ContainerConfigError(`container ${name ?? ''} not found`);
  const [side, resource] = [selector.resource.split('.', 1)[0], selector.resource.replace(/^[^.]*\./, '')];
  if (side !== 'limits' && side !== 'requests') {
    throw new ContainerConfigError(`unsupported container resource : ${selector.resource}`);
  }
  const allocatable = place.allocatable[resource];
  const fallback = side === 'limits' && allocatable !== undefined ? amountOf(allocatable) : 0;
  const amount = resourceOf(target, side, resource) ?? fallback;
  const stated = selector.divisor === undefined ? 0 : amountOf(selector.divisor);
  return String(Math.ceil(roundedToMilli(amount) / (stated > 0 ? stated : 1)));
}

/** Quantities are exact to a thousandth at least; binary fractions must not round a whole number up. */
function roundedToMilli(amount: number): number {
  return Math.round(amount * 1000) / 1000;
}
