/** A container's environment variables. Pure: what they are taken from is read before (see pod-sources). */
import type {
  ConfigMap,
  Container,
  EnvFromSource,
  EnvVar,
  Pod,
  Secret,
  Service,
} from '../../types/kinds/generated/core-v1.gen.ts';
import { expand } from './expansion.ts';
import { ContainerConfigError, fieldValue, resourceFieldValue, type PodPlace } from './pod-fields.ts';
import { serviceVariables } from './service-variables.ts';

export interface EnvironmentInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly place: PodPlace;
  /** By name, in the pod's namespace. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Services of the pod's namespace, and `default/kubernetes`. */
  readonly services: readonly Service[];
  /** Contents of the files that `fileKeyRef` names, by `volume/path`. */
  readonly files: ReadonlyMap<string, string>;
}

export interface Environment {
  readonly variables: ReadonlyMap<string, string>;
  /** What envFrom had to leave out, as text for an event. */
  readonly skipped: readonly string[];
}

/** @throws ContainerConfigError when something that is not optional is missing */
export function environmentOf(input: EnvironmentInput): Environment {
  const services = serviceVariables(visibleServices(input));
  const own = new Map<string, string>();
  const skipped: string[] = [];
  for (const source of input.container.envFrom ?? []) addAll(input, source, own, skipped);
  for (const variable of input.container.env ?? []) {
    const value = valueOf(input, variable, (name) => own.get(name) ?? services.get(name));
    if (value !== undefined) own.set(variable.name, value);
  }
  return { variables: new Map([...services, ...own]), skipped };
}

function visibleServices({ pod, services }: EnvironmentInput): readonly Service[] {
  const links = pod.spec?.enableServiceLinks !== false;
  return services.filter((service) => {
    const isApi = service.metadata.name === 'kubernetes' && service.metadata.namespace === 'default';
    return isApi || (links && service.metadata.namespace === pod.metadata.namespace);
  });
}

function addAll(input: EnvironmentInput, source: EnvFromSource, into: Map<string, string>, skipped: string[]): void {
  const { configMapRef, secretRef, prefix = '' } = source;
  const namespace = input.pod.metadata.namespace ?? '';
  const bad: string[] = [];
  const add = (key: string, value: string): void => {
    const name = `${prefix}${key}`;
    if (isVariableName(name)) into.set(name, value);
    else bad.push(name);
  };
  if (configMapRef) {
    const name = configMapRef.name ?? '';
    const configMap = input.configMaps.get(name);
    if (!configMap && configMapRef.optional !== true) throw new ContainerConfigError(`configmap "${name}" not found`);
    for (const [key, value] of Object.entries(configMap?.data ?? {})) add(key, value);
    if (bad.length > 0) skipped.push(skippedText(bad, `configMap ${namespace}/${name}`));
  } else if (secretRef) {
    const name = secretRef.name ?? '';
    const secret = input.secrets.get(name);
    if (!secret && secretRef.optional !== true) throw new ContainerConfigError(`secret "${name}" not found`);
    for (const [key, value] of Object.entries(secret?.data ?? {})) add(key, decoded(value));
    if (bad.length > 0) skipped.push(skippedText(bad, `secret ${namespace}/${name}`));
  }
}

function skippedText(names: readonly string[], source: string): string {
  const keys = [...names].sort().join(', ');
  return `Keys [${keys}] from the EnvFrom ${source} were skipped since they are considered invalid environment variable names.`;
}

/** KEP-4369: any printable ASCII but `=`. */
function isVariableName(name: string): boolean {
  return name !== '' && /^[ -<>-~]+$/.test(name);
}

function valueOf(
  input: EnvironmentInput,
  variable: EnvVar,
  lookUp: (name: string) => string | undefined,
): string | undefined {
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef, fileKeyRef } = variable.valueFrom ?? {};
  const namespace = input.pod.metadata.namespace ?? '';
  if (fieldRef) return fieldValue(input.pod, fieldRef, input.place);
  if (resourceFieldRef) return resourceFieldValue(input.pod, input.container, resourceFieldRef, input.place);
  if (configMapKeyRef) {
    const { name = '', key, optional } = configMapKeyRef;
    const configMap = input.configMaps.get(name);
    const value = configMap?.data?.[key];
    if (value !== undefined || optional === true) return value;
    if (!configMap) throw new ContainerConfigError(`configmap "${name}" not found`);
    throw new ContainerConfigError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
  }
  if (secretKeyRef) {
    const { name = '', key, optional } = secretKeyRef;
    const secret = input.secrets.get(name);
    const value = secret?.data?.[key];
    if (value !== undefined) return decoded(value);
    if (optional === true) return undefined;
    if (!secret) throw new ContainerConfigError(`secret "${name}" not found`);
    throw new ContainerConfigError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
  }
  if (fileKeyRef) {
    const { volumeName, path, key, optional } = fileKeyRef;
    const value = variablesOfFile(input.files.get(`${volumeName}/${path}`) ?? '').get(key);
    if (value !== undefined || optional === true) return value;
    throw new ContainerConfigError(
      `environment variable key "${key}" not found in file "${path}" of volume "${volumeName}"`,
    );
  }
  return expand(variable.value ?? '', lookUp);
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}

/** KEP-3721: `NAME='value'` lines, `#` comments, values may span lines inside the quotes. */
export function variablesOfFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const match of text.matchAll(/^[ \t]*([^#\s=][^=\n]*)=(?:'([^']*)'|"([^"]*)"|([^\n]*))/gm)) {
    variables.set((match[1] ?? '').trim(), match[2] ?? match[3] ?? (match[4] ?? '').trim());
  }
  return variables;
}
