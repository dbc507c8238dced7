/** Texts for Warning headers about a pod's spec (pkg/api/pod/warnings.go). */
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { isWholeQuantity, quantitySign } from '../quantity.ts';

const deprecatedVolumes: Readonly<Record<string, string>> = {
  gitRepo: 'deprecated in v1.11',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
};
const deprecatedLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};
const deprecatedAnnotations: readonly (readonly [RegExp, string])[] = [
  [
    /^container\.apparmor\.security\.beta\.kubernetes\.io\//,
    'deprecated since v1.30; use the "appArmorProfile" field instead',
  ],
  [
    /^seccomp\.security\.alpha\.kubernetes\.io\/pod$/,
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
  [
    /^container\.seccomp\.security\.alpha\.kubernetes\.io\//,
    'non-functional in v1.27+; use the "seccompProfile" field instead',
  ],
];

function duplicates(names: readonly string[]): readonly (readonly [number, number])[] {
  const first = new Map<string, number>();
  const found: (readonly [number, number])[] = [];
  names.forEach((name, index) => {
    const before = first.get(name);
    if (before === undefined) first.set(name, index);
    else found.push([before, index]);
  });
  return found;
}

function containerWarnings(container: core.Container, at: string): readonly string[] {
  const texts: string[] = [];
  for (const [, index] of duplicates((container.env ?? []).map(({ name }) => name))) {
    const name = container.env?.[index]?.name ?? '';
    texts.push(`${at}.env[${index}]: hides previous definition of "${name}", which may be dropped when using apply`);
  }
  for (const list of ['limits', 'requests'] as const) {
    const memory = container.resources?.[list]?.['memory'];
    if (memory !== undefined && !isWholeQuantity(memory)) {
      texts.push(`${at}.resources.${list}[memory]: fractional byte value "${memory}" is invalid, must be an integer`);
    }
  }
  const ports = (container.ports ?? []).map((port) => `${port.containerPort}/${port.protocol ?? 'TCP'}`);
  for (const [before, index] of duplicates(ports)) {
    texts.push(`${at}.ports[${index}]: duplicate port definition with ${at}.ports[${before}]`);
  }
  return texts;
}

function volumeWarnings(volume: core.Volume, at: string): readonly string[] {
  const texts: string[] = [];
  for (const name of Object.keys(volume)) {
    const text = deprecatedVolumes[name];
    if (text !== undefined) texts.push(`${at}.${name}: ${text}`);
  }
  if (volume.emptyDir?.sizeLimit !== undefined && volume.emptyDir.medium !== 'Memory') {
    texts.push(`${at}.emptyDir.sizeLimit: has no effect on this cluster unless the medium is Memory`);
  }
  const limit = volume.emptyDir?.sizeLimit;
  if (limit !== undefined && quantitySign(limit) > 0 && !isWholeQuantity(limit)) {
    texts.push(`${at}.emptyDir.sizeLimit: fractional byte value "${limit}" is invalid, must be an integer`);
  }
  return texts;
}

/** `at` is the path of the spec, such as `spec` or `spec.template.spec`. */
export function podSpecWarnings(spec: core.PodSpec | undefined, at: string): readonly string[] {
  if (!spec) return [];
  const texts: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const text = deprecatedLabels[key];
    if (text !== undefined) texts.push(`${at}.nodeSelector[${key}]: ${text}`);
  }
  spec.volumes?.forEach((volume, index) => texts.push(...volumeWarnings(volume, `${at}.volumes[${index}]`)));
  spec.imagePullSecrets?.forEach(({ name }, index) => {
    if ((name ?? '') === '') texts.push(`${at}.imagePullSecrets[${index}].name: invalid empty name ""`);
  });
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach((container, index) => texts.push(...containerWarnings(container, `${at}.${list}[${index}]`)));
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    texts.push(
      `${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  return texts;
}

export function podAnnotationWarnings(
  annotations: { readonly [key: string]: string } | undefined,
  at: string,
): readonly string[] {
  return Object.keys(annotations ?? {}).flatMap((key) =>
    deprecatedAnnotations.filter(([pattern]) => pattern.test(key)).map(([, text]) => `${at}[${key}]: ${text}`),
  );
}
