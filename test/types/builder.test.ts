import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { typeCheck } from '../../src/compiler/type-check.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** The program of the documentation. */
const example = `
import { configMap, deployment, service } from 'kubewright';
const settings = configMap({ metadata: { name: 'web-settings' }, data: { 'app.conf': 'greeting=hello' } });
const web = deployment({
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    template: {
      spec: {
        volumes: [{ name: 'conf', configMap: settings.ref() }],
        containers: [{
          name: 'web', image: 'nginx:1.27',
          ports: [{ name: 'http', containerPort: 8080 }],
          env: [{ name: 'CONF', valueFrom: settings.key('app.conf') }],
          volumeMounts: [{ name: 'conf', mountPath: '/etc/web' }],
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/', port: 'http' } },
        }],
      },
    },
  },
});
export default [settings, web, service({ metadata: { name: 'web' }, spec: { selector: web, ports: [{ port: 80, targetPort: web.port('http') }] } })];
`;

/** The lines of a program that do not compile, from 1. */
function faultyLines(program: string): readonly number[] {
  const folder = temporaryDirectory();
  writeFiles(folder, { 'app.ts': program, 'tsconfig.json': '{ "compilerOptions": { "strict": true } }' });
  const problems = typeCheck([join(folder, 'app.ts')]);
  return [...new Set(problems.map(({ place }) => place?.line ?? 0))];
}

describe('the types of the builders', () => {
  it('accept the documented program', () => {
    expect(faultyLines(example)).toEqual([]);
  });

  it('refuse wrong names, fields and values, each at its place', () => {
    const replacements: readonly (readonly [string, string])[] = [
      ['replicas: 3,', 'repliacs: 3,'],
      ["port: 'http' } },", "port: 'htp' } },"],
      ["volumeMounts: [{ name: 'conf'", "volumeMounts: [{ name: 'cnf'"],
      ["settings.key('app.conf')", "settings.key('app.cnf')"],
      ["image: 'nginx:1.27',", "image: 'nginx:1.27', imagePullPolicy: 'Allways',"],
      ["web.port('http')", "web.port('htp')"],
      ['containerPort: 8080', "containerPort: '8080'"],
      ['selector: web,', 'selector: settings,'],
      ["metadata: { name: 'web-settings' },", "metadata: { nme: 'web-settings' },"],
    ];
    const programs = replacements.map(([right, wrong]) => example.replace(right, wrong));
    const expected = programs.map((program) => {
      const before = example.split('\n');
      return program.split('\n').findIndex((line, index) => line !== before[index]) + 1;
    });
    const folder = temporaryDirectory();
    writeFiles(folder, Object.fromEntries(programs.map((program, index) => [`p${index}.ts`, program])));
    const problems = typeCheck(programs.map((_, index) => join(folder, `p${index}.ts`)));
    const found = programs.map(
      (_, index) => problems.find(({ place }) => place?.file.endsWith(`/p${index}.ts`))?.place?.line,
    );
    expect(found).toEqual(expected);
  });

  it('accept parts that functions of the program make', () => {
    const program = `
import { deployment } from 'kubewright';
import type { Container, Deployment, EnvVar, PodSpec, Volume } from 'kubewright';
const env = (name: string): EnvVar => ({ name, value: 'x' });
const conf: Volume = { name: 'conf', configMap: { name: 'c' } };
const container = (name: string): Container => ({ name, image: 'x', env: [env('A')], volumeMounts: [{ name: 'conf', mountPath: '/' }] });
const spec = (name: string): PodSpec => ({ volumes: [conf], containers: [container(name)] });
export const web = (name: string): Deployment => deployment({ metadata: { name }, spec: { template: { spec: spec(name) } } });
export default web('a');
export const wrong: Volume = { name: 'conf', configMap: {}, secret: {} };
`;
    expect(faultyLines(program)).toEqual([10]);
  });

  it('accept what is put together at run time', () => {
    const program = `
import { cronJob, deployment, job, pod, raw, secret, statefulSet } from 'kubewright';
const names: string[] = ['a', 'b'];
const data: Record<string, string> = { a: 'b' };
const secrets = secret({ metadata: { name: 's' }, stringData: data });
const ports = names.map((name, index) => ({ name, containerPort: 80 + index }));
const volumes = names.map((name) => ({ name, secret: secrets.volume() }));
const web = deployment({
  metadata: { name: 'web', labels: { a: 'b' } },
  spec: { template: { spec: { volumes, containers: [{ name: 'web', image: 'x', ports, volumeMounts: names.map((name) => ({ name, mountPath: name })), env: [{ name: 'A', valueFrom: secrets.key(names[0] ?? '') }] }] } } },
});
const db = statefulSet({
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    volumeClaimTemplates: [{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
    template: { spec: { containers: [{ name: 'db', image: 'x', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } },
  },
});
const once = job({ metadata: { name: 'j' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'j', image: 'x' }] } } } });
const often = cronJob({ metadata: { name: 'c' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'j', image: 'x', ports: [{ name: 'p', containerPort: 1 }] }] } } } } } });
const one = pod({ metadata: { name: 'p' }, spec: { containers: [{ name: 'p', image: 'x', livenessProbe: { tcpSocket: { port: 80 } } }] } });
often.port('p');
export default { web: [web, web.port(names[0] ?? '')], db, once, often, one, other: raw({ apiVersion: 'a/v1', kind: 'B', metadata: {}, spec: 1 }) };
`;
    expect(faultyLines(program)).toEqual([]);
  });

  it('accept parts whose names are only known as text, and keep what is known of the others', () => {
    const program = `
import * as k from 'kubewright';
const env: k.EnvVar[] = [{ name: 'A', value: 'x' }];
const typed: k.Container = { name: 'c', image: 'x', ports: [{ name: 'http', containerPort: 80 }], livenessProbe: { httpGet: { port: 'http' } } };
const spec: k.PodSpec = { containers: [typed], volumes: [{ name: 'a', emptyDir: {} }] };
export const whole = k.deployment({ metadata: { name: 'a' }, spec: { template: { spec } } });
whole.port('http');
export const mixed = k.deployment({ metadata: { name: 'b' }, spec: { template: { spec: { containers: [typed, { name: 'd', image: 'y', env }] } } } });
mixed.port('http');
const mounts = [{ name: 'v', mountPath: '/' }];
export const mounted = k.pod({ metadata: { name: 'x' }, spec: { volumes: [{ name: 'v', emptyDir: {} }], containers: [{ name: 'a', image: 'x', volumeMounts: mounts }] } });
const some: boolean = Math.random() < 2;
export const chosen = k.deployment({ metadata: { name: 'x' }, spec: { template: { spec: {
  volumes: some ? [{ name: 'v', emptyDir: {} }] : [],
  containers: [{ name: 'a', image: 'x', env: some ? [{ name: 'A', value: '1' }] : [], ...(some ? { ports: [{ name: 'p', containerPort: 1 }] } : {}), resources: some ? { limits: { cpu: 1 } } : { limits: { cpu: '500m' } } }],
} } } });
for (const name of ['a', 'b'])
  k.job({ metadata: { name: \`job-\${name}\` }, spec: { template: { spec: { restartPolicy: 'Never', volumes: [{ name, emptyDir: { sizeLimit: '1Gi' } }], containers: [{ name, image: 'x', volumeMounts: [{ name, mountPath: '/' }], resources: { limits: { memory: \`\${name}Mi\` } } }] } } } });
const db = k.statefulSet({ metadata: { name: 'db' }, spec: { serviceName: 'db', updateStrategy: { rollingUpdate: { partition: 1, maxUnavailable: '20%' } },
  volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }],
  template: { spec: {
    initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', ports: [{ name: 'side', containerPort: 9 }], volumeMounts: [{ name: 'data', mountPath: '/' }] }],
    containers: [{ name: 'db', image: 'x', volumeDevices: [{ name: 'data', devicePath: '/dev/x' }], livenessProbe: { tcpSocket: { port: 'side' } } }],
    ephemeralContainers: [{ name: 'e', image: 'y', volumeMounts: [{ name: 'data', mountPath: '/' }] }],
    hostAliases: [{ ip: '10.0.0.1' }],
  } } } });
export default k.service({ metadata: { name: 'x' }, spec: { selector: db, ports: [{ port: 1, targetPort: db.port('side') }] } });
mixed.port('other');
declare const anything: any;
k.deployment({ metadata: { name: 'x' }, spec: { template: { spec: anything } } }).port('a');
k.deployment(anything).port('a');
`;
    expect(faultyLines(program)).toEqual([]);
  });
});
