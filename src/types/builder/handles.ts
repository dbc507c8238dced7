/** What built objects can do besides being objects: say how others refer to them. */
import { isRecord } from '../../shared/deep.ts';
import type { SelectsPorts, ServedPortName, ServesPorts } from './input-types.ts';
import { declaredPorts } from './workload.ts';

/** What the methods of a handle need of the object that they are on. */
export interface NamedObject {
  readonly metadata: { readonly name?: string | undefined };
}

export function nameOf(object: NamedObject): string {
  const { name } = object.metadata;
  if (name === undefined)
    throw new Error('an object that others refer to needs metadata.name; generateName is not known yet');
  return name;
}

export interface ConfigMapHandle<Key extends string = string> {
  /** `{ name }`, for configMapRef, and for the configMap of a volume. */
  ref(): { readonly name: string };
  /** The value of `valueFrom` of an environment variable. */
  key(key: Key): { readonly configMapKeyRef: { readonly name: string; readonly key: string } };
}
export interface SecretHandle<Key extends string = string> {
  /** `{ name }`, for secretRef and imagePullSecrets. */
  ref(): { readonly name: string };
  /** `{ secretName }`, for the secret of a volume. */
  volume(): { readonly secretName: string };
  /** The value of `valueFrom` of an environment variable. */
  key(key: Key): { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}
export interface WorkloadHandle<Port extends string = never> extends SelectsPorts<Port> {
  /** The name of a declared container port, for a targetPort. */
  port(name: Port): Port;
}
export interface ServiceHandle<Port extends string = never> extends ServesPorts<Port> {
  /** The name of a port of the Service. */
  port(name: Port): Port;
  /** The backend of a route, by the name or number of a port of the Service. */
  backend(port: Port | number): { readonly service: ServiceBackend };
}
interface ServiceBackend {
  readonly name: string;
  readonly port:
    | { readonly name: ServedPortName; readonly number?: undefined }
    | { readonly number: number; readonly name?: undefined };
}
export interface ClaimHandle {
  /** `{ claimName }`, for the persistentVolumeClaim of a volume. */
  volume(): { readonly claimName: string };
}

export function dataKeys(object: object): readonly string[] {
  return ['data', 'binaryData', 'stringData'].flatMap((part) => {
    const entries: unknown = Reflect.get(object, part);
    return isRecord(entries) ? Object.keys(entries) : [];
  });
}

export function servedPorts(service: object): readonly { readonly name?: unknown; readonly port?: unknown }[] {
  const spec: unknown = Reflect.get(service, 'spec');
  const ports: unknown = isRecord(spec) ? spec['ports'] : undefined;
  return Array.isArray(ports) ? ports.filter(isRecord) : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** @throws Error that names what is declared */
export function requireDeclared(what: string, name: string | number, declared: readonly unknown[]): void {
  if (!declared.includes(name))
    throw new Error(`there is no ${what} ${JSON.stringify(name)}; declared are: ${declared.join(', ') || 'none'}`);
}

const configMapHandle = {
  ref(this: NamedObject) {
    return { name: nameOf(this) };
  },
  key(this: NamedObject, key: string) {
    requireDeclared('key', key, dataKeys(this));
    return { configMapKeyRef: { name: nameOf(this), key } };
  },
};
const secretHandle = {
  ref(this: NamedObject) {
    return { name: nameOf(this) };
  },
  volume(this: NamedObject) {
    return { secretName: nameOf(this) };
  },
  key(this: NamedObject, key: string) {
    requireDeclared('key', key, dataKeys(this));
    return { secretKeyRef: { name: nameOf(this), key } };
  },
};
const workloadHandle = {
  port(this: object, name: string) {
    requireDeclared('port', name, declaredPorts(this));
    return name;
  },
};
const serviceHandle = {
  port(this: object, name: string) {
    requireDeclared(
      'port',
      name,
      servedPorts(this)
        .map((port) => port.name)
        .filter(isText),
    );
    return name;
  },
  backend(this: NamedObject, port: string | number) {
    const ports = servedPorts(this);
    requireDeclared(
      'port',
      port,
      typeof port === 'number' ? ports.map((one) => one.port) : ports.map((one) => one.name).filter(isText),
    );
    return { service: { name: nameOf(this), port: typeof port === 'number' ? { number: port } : { name: port } } };
  },
};
const claimHandle = {
  volume(this: NamedObject) {
    return { claimName: nameOf(this) };
  },
};

export const handles: Readonly<Record<string, object>> = {
  'v1.ConfigMap': configMapHandle,
  'v1.Secret': secretHandle,
  'v1.Service': serviceHandle,
  'v1.PersistentVolumeClaim': claimHandle,
  'v1.Pod': workloadHandle,
  'v1.ReplicationController': workloadHandle,
  'apps/v1.Deployment': workloadHandle,
  'apps/v1.ReplicaSet': workloadHandle,
  'apps/v1.StatefulSet': workloadHandle,
  'apps/v1.DaemonSet': workloadHandle,
  'batch/v1.Job': workloadHandle,
  'batch/v1.CronJob': workloadHandle,
};
