import { join } from 'node:path';
import { expect, it } from 'vitest';
import { typeCheck } from '../../src/compiler/type-check.ts';
import { writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const head = `import * as k from 'kubewright';
const cfg = k.configMap({ metadata: { name: 'cfg' }, data: { A: 'b' } });
const web = k.worker({ name: 'web', image: 'web:1', ports: [{ name: 'metrics', containerPort: 1 }] });
const own = { name: 'a', image: 'a:1', port: 80 } as const;
`;

/** What is right, in all the ways that people write it. */
const right = `${head}
const probe = { httpGet: { path: '/', port: 'http' } };
const shared = { volumeMounts: [{ name: 'cfg', mountPath: '/c' }], resources: { requests: { cpu: '1' } } };
const some: string = String(1);
const one = k.webService({ ...own, ports: [{ name: 'metrics', containerPort: 2 }], container: { readinessProbe: probe, livenessProbe: { httpGet: { port: 'metrics' } }, volumeMounts: [{ name: 'v', mountPath: '/v' }] }, pod: { volumes: [{ name: 'v', emptyDir: {} }] } });
one.deployment.port('metrics'); one.deployment.port('http'); one.service.backend('http');
const two = k.worker({ name: some, image: some, container: shared });
k.webService({ ...own, container: { readinessProbe: { httpGet: { port: some } } } });
const three = k.statefulDatabase({ name: 'db', image: 'db:1', port: 1, storage: some, accessMode: 'ReadWriteOnce', mountPath: some, container: { volumeMounts: [{ name: 'data', mountPath: '/again' }] } });
const options: k.WebServiceOptions = { ...own, container: { readinessProbe: probe } };
function micro<T extends k.WebServiceOptions>(given: T) { return k.webService(given); }
micro(options).service.backend('http');
k.namespaced('x', { one, three }).one.service.backend('http');
interface Shop { readonly web: k.Deployment; readonly one?: typeof one }
declare const shop: () => Shop;
k.namespaced('x', [shop(), some === 'a' && two, some === 'b' ? one : undefined])[0];
k.isolate(three.statefulSet, { from: [web, { podSelector: two }], ports: [5432] });
k.expose(web, { ports: [{ targetPort: 'metrics', name: 'm' }] }).service.port('m');
export default one;
`;

/** A wrong call, and what is said about it. */
const wrong: readonly (readonly [call: string, message: RegExp])[] = [
  ['webService({ ...own, replica: 3 })', /'replica' does not exist .* Did you mean to write 'replicas'/],
  [
    "webService({ ...own, container: { readinessProbe: { httpGet: { port: 'htpp' } } } })",
    /"no port is called 'htpp'"/,
  ],
  [
    "worker({ name: 'a', image: 'a:1', container: { livenessProbe: { tcpSocket: { port: 'http' } } } })",
    /no port is called/,
  ],
  [
    "webService({ ...own, container: { volumeMounts: [{ name: 'cfg', mountPath: '/x' }] } })",
    /"no volume is called 'cfg'"/,
  ],
  ["webService({ ...own, container: { readinessProbe: { httpGet: { port: 'http' }, exec: {} } } })", /exactly one of/],
  ["webService({ ...own, container: { resources: { limits: { cpu: '100x' } } } })", /'100x' is no quantity/],
  ["webService({ ...own, container: { imagePullPolicy: 'Sometimes' } })", /"IfNotPresent"/],
  [
    "webService({ ...own, pod: { volumes: [{ name: 'v', emptyDir: {}, configMap: { name: cfg } }] } })",
    /exactly one source/,
  ],
  ['webService({ ...own, pod: { serviceAccountName: cfg } })', /"ServiceAccount"/],
  ['webService({ ...own, disruptionBudget: { maxUnavailable: 1, minAvailable: 1 } })', /either minAvailable or max/],
  ["disruptionBudget(web, { minAvailable: '50' })", /'50' is no percentage/],
  ["scheduledTask({ name: 'a', image: 'a:1', schedule: '1 2 3', restartPolicy: 'Never' })", /is no schedule/],
  [
    "statefulDatabase({ ...own, storage: '1GB', accessMode: 'ReadWriteOnce', mountPath: '/x' })",
    /'1GB' is no quantity/,
  ],
  ["expose(web, { ports: [{ targetPort: 'n' }] })", /'"n"' is not assignable to type 'number \| "metrics"'/],
  ["expose(web).service.port('n')", /'"n"' is not assignable to parameter of type '"metrics"'/],
  ["isolate(web, { ports: ['n'] })", /'"n"' is not assignable/],
  ['namespaced(cfg, [web])', /"Namespace"/],
  ['defineEnvironments({ a: { x: [1] }, b: {} })', /'x' is missing/],
  ['patched(cfg, { dta: {} })', /'dta' does not exist/],
];

it('helpers are checked as closely as builders, and take what is only known as text', () => {
  const folder = temporaryDirectory();
  const programs = [right, ...wrong.map(([call]) => `${head}export const made = k.${call};\n`)];
  writeFiles(folder, Object.fromEntries(programs.map((text, index) => [`p${index}.ts`, text])));
  const problems = typeCheck(programs.map((_, index) => join(folder, `p${index}.ts`)));
  const own = (index: number): readonly string[] =>
    problems.filter(({ place }) => place?.file.endsWith(`/p${index}.ts`)).map(({ message }) => message);
  expect(own(0)).toEqual([]);
  const missed = wrong.filter(([, message], index) => !own(index + 1).some((said) => message.test(said)));
  expect(missed.map(([call]) => [call, own(wrong.findIndex((one) => one[0] === call) + 1)])).toEqual([]);
});
