/** Defaults of a pod's spec (core/v1 SetDefaults_PodSpec and what it reaches). */
import type { Draft } from '../meta.ts';
import type * as core from '../kinds/generated/core-v1.gen.ts';
import { roundUpToMilli, type Quantity } from '../quantity.ts';

type Spec = Draft<core.PodSpec>;
type AnyContainer = Draft<core.Container> | Draft<core.EphemeralContainer>;

/** An image without a tag, or with `latest`, is pulled again each time. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  const reference = image ?? '';
  if (reference.includes('@')) return 'IfNotPresent';
  const last = reference.slice(reference.lastIndexOf('/') + 1);
  const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Draft<core.Probe> | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  defaultHTTPGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHTTPGet(http: Draft<core.HTTPGetAction> | undefined): void {
  if (!http) return;
  http.path ??= '/';
  http.scheme ??= 'HTTP';
}

function defaultEnvironment(variables: readonly Draft<core.EnvVar>[] | undefined): void {
  for (const { valueFrom } of variables ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ??= 'v1';
    if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ??= '0';
  }
}

/** Finer than a thousandth makes no sense for a resource; upstream rounds up. */
function roundAmounts(amounts: Record<string, Quantity> | undefined): void {
  for (const name in amounts) {
    const amount = amounts[name];
    if (amount !== undefined) amounts[name] = roundUpToMilli(amount);
  }
}

function defaultRequests(container: AnyContainer): void {
  const { resources } = container;
  roundAmounts(resources?.limits);
  roundAmounts(resources?.requests);
  if (!resources?.limits) return;
  const requests = (resources.requests ??= {});
  for (const name in resources.limits) {
    const limit = resources.limits[name];
    if (limit !== undefined) requests[name] ??= limit;
  }
}

function defaultContainer(container: AnyContainer, spec: Spec): void {
  container.resources ??= {};
  container.imagePullPolicy ??= defaultPullPolicy(container.image);
  container.terminationMessagePath ??= '/dev/termination-log';
  container.terminationMessagePolicy ??= 'File';
  for (const port of container.ports ?? []) {
    port.protocol ??= 'TCP';
    if (spec.hostNetwork === true) port.hostPort ??= port.containerPort;
  }
  defaultEnvironment(container.env);
  defaultRequests(container);
  defaultProbe(container.livenessProbe);
  defaultProbe(container.readinessProbe);
  defaultProbe(container.startupProbe);
  defaultHTTPGet(container.lifecycle?.postStart?.httpGet);
  defaultHTTPGet(container.lifecycle?.preStop?.httpGet);
}

function defaultDownwardFiles(files: readonly Draft<core.DownwardAPIVolumeFile>[] | undefined): void {
  for (const file of files ?? []) {
    if (file.fieldRef) file.fieldRef.apiVersion ??= 'v1';
    if (file.resourceFieldRef) file.resourceFieldRef.divisor ??= '0';
  }
}

const sourceKeys = (volume: Draft<core.Volume>): readonly string[] =>
  Object.keys(volume).filter((key) => key !== 'name');

const FILE_MODE = 0o644;

function defaultVolume(volume: Draft<core.Volume>): void {
  if (sourceKeys(volume).length === 0) volume.emptyDir = {};
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.secret) volume.secret.defaultMode ??= FILE_MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= FILE_MODE;
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= FILE_MODE;
    defaultDownwardFiles(volume.downwardAPI.items);
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= FILE_MODE;
    for (const source of volume.projected.sources ?? []) {
      defaultDownwardFiles(source.downwardAPI?.items);
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
    }
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) claim.volumeMode ??= 'Filesystem';
  if (volume.image) volume.image.pullPolicy ??= defaultPullPolicy(volume.image.reference);
}

/** What holds for pods and templates alike. */
export function defaultPodSpec(spec: Spec): void {
  spec.dnsPolicy ??= 'ClusterFirst';
  spec.restartPolicy ??= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ??= 'default-scheduler';
  spec.securityContext ??= {};
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of spec.initContainers ?? []) defaultContainer(container, spec);
  for (const container of spec.containers ?? []) defaultContainer(container, spec);
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container, spec);
  // The deprecated name of the field is kept in step with the new one.
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
}

/** What upstream adds only to pods, not to templates. */
export function defaultPod(spec: Spec): void {
  defaultPodSpec(spec);
  spec.enableServiceLinks ??= true;
}
