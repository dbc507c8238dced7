import { describe, expect, it } from 'vitest';
import type { Container, Pod, Service } from '../../../src/types/kinds/generated/core-v1.gen.ts';
import { environmentOf, variablesOfFile, type EnvironmentInput } from '../../../src/runtime/kubelet/environment.ts';
import { expand } from '../../../src/runtime/kubelet/expansion.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', labels: { app: 'web' } },
  spec: { containers: [], nodeName: 'node' },
};
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cfg' },
  data: { a: '1', 'b=c': '2' },
} as const;
const service = (name: string, namespace: string, clusterIP: string): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { clusterIP, ports: [{ name: 'http', port: 80 }] },
});

function environment(container: Partial<Container>, rest: Partial<EnvironmentInput> = {}): Record<string, string> {
  const input = {
    pod,
    container: { name: 'app', ...container },
    place: { podIp: '10.0.0.2', hostIp: '10.0.0.1', allocatable: { cpu: '4', memory: '1Gi' } },
    configMaps: new Map([['cfg', configMap]]),
    secrets: new Map(),
    services: [],
    files: new Map(),
    ...rest,
  };
  return Object.fromEntries(environmentOf(input).variables);
}

describe('environment', () => {
  it.each([
    ['$(A)', 'x'],
    ['$$(A)', '$(A)'],
    ['$(B)', '$(B)'],
    ['a$$b$', 'a$b$'],
    ['$(A)$(A)', 'xx'],
  ])('expands %s to %s', (text, expected) => {
    expect(expand(text, (name) => (name === 'A' ? 'x' : undefined))).toBe(expected);
  });

  it('takes literals, references and fields, later ones over earlier ones', () => {
    const env = [
      { name: 'a', value: 'own' },
      { name: 'B', value: '$(a)-$(NONE)' },
      { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'cfg', key: 'a' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'MIB', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    ];
    const resources = { limits: { cpu: '1500m' } };
    expect(environment({ env, resources, envFrom: [{ prefix: 'P_', configMapRef: { name: 'cfg' } }] })).toEqual({
      ...{ P_a: '1', a: 'own', B: 'own-$(NONE)', IP: '10.0.0.2', APP: 'web', KEY: '1', CPU: '2', MIB: '1024' },
    });
  });

  it('says in the texts of upstream what is missing', () => {
    const from = (valueFrom: object): Partial<Container> => ({ env: [{ name: 'X', valueFrom }] });
    expect(() => environment(from({ configMapKeyRef: { name: 'no', key: 'k' } }))).toThrow('configmap "no" not found');
    expect(() => environment(from({ configMapKeyRef: { name: 'cfg', key: 'k' } }))).toThrow(
      "couldn't find key k in ConfigMap shop/cfg",
    );
    expect(() => environment(from({ secretKeyRef: { name: 'no', key: 'k' } }))).toThrow('secret "no" not found');
    expect(environment(from({ secretKeyRef: { name: 'no', key: 'k', optional: true } }))).toEqual({});
  });

  it('tells of the services of the namespace, and always of the API', () => {
    const services = [service('my-db', 'shop', '10.96.0.5'), service('kubernetes', 'default', '10.96.0.1')];
    const variables = environment({}, { services });
    expect(variables).toMatchObject({
      MY_DB_SERVICE_HOST: '10.96.0.5',
      MY_DB_SERVICE_PORT: '80',
      MY_DB_SERVICE_PORT_HTTP: '80',
      MY_DB_PORT: 'tcp://10.96.0.5:80',
      MY_DB_PORT_80_TCP_ADDR: '10.96.0.5',
      KUBERNETES_SERVICE_HOST: '10.96.0.1',
    });
    const unlinked = { ...pod, spec: { containers: [], enableServiceLinks: false } };
    expect(Object.keys(environment({}, { services, pod: unlinked }))).not.toContain('MY_DB_SERVICE_HOST');
  });

  it('reads variables out of a file', () => {
    expect(Object.fromEntries(variablesOfFile("# no\nA='1 2'\nB=3\n"))).toEqual({ A: '1 2', B: '3' });
  });
});
