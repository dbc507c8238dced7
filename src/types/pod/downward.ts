/** Rules of fieldRef and resourceFieldRef, as environment variables and downward API files use them. */
import type { IssueSink } from '../field-issue.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { qualifiedNameErrors } from '../names.ts';
import { compareQuantities, quantitySign } from '../quantity.ts';
import { checkPresent, isBlank } from '../validation/field-checks.ts';
import { invalidEach } from '../validation/metadata.ts';

const knownFieldPaths: ReadonlySet<string> = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.host',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]);

export const environmentFieldPaths: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const volumeFieldPaths: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** `metadata.labels['app']` -> path and key; undefined for a plain path. */
export function subscriptOf(fieldPath: string): { readonly path: string; readonly key: string } | undefined {
  const match = /^(.*?)\['(.*)'\]$/s.exec(fieldPath);
  const [, path = '', key = ''] = match ?? [];
  return match && path !== '' ? { path, key } : undefined;
}

export function checkFieldSelector(
  selector: core.ObjectFieldSelector,
  supported: readonly string[],
  at: IssueSink,
): void {
  if (selector.apiVersion === '') at.at('apiVersion').required();
  const { fieldPath } = selector;
  if (!checkPresent(fieldPath, at.at('fieldPath'))) return;
  const version = selector.apiVersion ?? 'v1';
  if (version !== 'v1') {
    at.at('fieldPath').invalid(fieldPath, `error converting fieldPath: unsupported pod version: ${version}`);
    return;
  }
  const subscript = subscriptOf(fieldPath);
  if (!knownFieldPaths.has(subscript?.path ?? fieldPath)) {
    at.at('fieldPath').invalid(fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`);
    return;
  }
  if (!subscript) {
    if (!supported.includes(fieldPath)) at.at('fieldPath').notSupported(fieldPath, supported);
  } else if (subscript.path === 'metadata.annotations') {
    invalidEach(at, subscript.key, qualifiedNameErrors(subscript.key.toLowerCase()));
  } else if (subscript.path === 'metadata.labels') {
    invalidEach(at, subscript.key, qualifiedNameErrors(subscript.key));
  } else at.invalid(subscript.path, 'does not support subscript');
}

const byteDivisors = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const byteText = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

/** Divisors that each resource may be counted in, with upstream's sentence. */
const divisors: Readonly<Record<string, { readonly allowed: readonly string[]; readonly text: string }>> = {
  cpu: { allowed: ['1m', '1'], text: "only divisor's values 1m and 1 are supported with the cpu resource" },
  memory: { allowed: byteDivisors, text: `only divisor's values ${byteText} are supported with the memory resource` },
  'ephemeral-storage': {
    allowed: byteDivisors,
    text: `only divisor's values ${byteText} are supported with the local ephemeral storage resource`,
  },
  hugepages: {
    allowed: byteDivisors,
    text: `only divisor's values ${byteText} are supported with the hugepages resource`,
  },
};
const supportedResources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

export function checkResourceSelector(selector: core.ResourceFieldSelector, at: IssueSink, inVolume: boolean): void {
  if (inVolume && isBlank(selector.containerName)) {
    at.at('containerName').required();
    return;
  }
  const { resource, divisor } = selector;
  if (!checkPresent(resource, at.at('resource'))) return;
  const name = resource.slice(resource.indexOf('.') + 1);
  const huge = /^(limits|requests)\.hugepages-/.test(resource);
  if (!huge && !supportedResources.includes(resource)) {
    at.at('resource').notSupported(resource, supportedResources);
    return;
  }
  const rule = divisors[huge ? 'hugepages' : name];
  if (!rule || divisor === undefined || quantitySign(divisor) === 0) return;
  if (!rule.allowed.some((allowed) => compareQuantities(allowed, divisor) === 0)) {
    at.at('divisor').invalid(resource, rule.text);
  }
}
