/** Values and fields that were written far from the builder's call. `/*n*\/` marks where a complaint is expected. */
import { describe, expect, it } from 'vitest';
import { kubewright, messages, writeFiles } from '../support/built-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type Files = Readonly<Record<string, string>>;

/** Where the first complaint points, and the marks. */
async function places(
  files: Files,
): Promise<{ readonly lines: readonly string[]; readonly at: (mark: string) => string }> {
  const folder = temporaryDirectory();
  const marks = new Map<string, string>();
  const plain = Object.entries(files).map(([name, text]) => {
    const lines = text.split('\n').map((line, index) => {
      let rest = line;
      for (let match = /\/\*(\d)\*\//.exec(rest); match; match = /\/\*(\d)\*\//.exec(rest)) {
        marks.set(match[1] ?? '', `${name}:${index + 1}:${match.index + 1}`);
        rest = rest.replace(match[0], '');
      }
      return rest;
    });
    return [name, lines.join('\n')] as const;
  });
  writeFiles(folder, Object.fromEntries(plain));
  const outcome = await kubewright(folder, ['build', 'app.ts']);
  expect(outcome.code, outcome.stderr).toBe(1);
  return { lines: messages(outcome), at: (mark) => marks.get(mark) ?? `no mark ${mark}` };
}

/** The complaint stands at mark 1, and names the other marks as what led there, in their order. */
async function expectAtMarks(files: Files, about: string): Promise<void> {
  const { lines, at } = await places(files);
  const first = lines.findIndex((line) => line.includes(about));
  expect(lines[first], lines.join('\n')).toMatch(new RegExp(`^${at('1').replaceAll('.', '\\.')}: error: `));
  const callers: string[] = [];
  for (let index = first + 1; lines[index]?.startsWith('    called from ') === true; index++)
    callers.push(lines[index]?.slice('    called from '.length) ?? '');
  const expected = ['2', '3', '4'].map(at).filter((place) => !place.startsWith('no'));
  expect(callers).toEqual(expected);
}

const head =
  "import { configMap, deployment, namespaced, patched, raw, service, statefulDatabase, webService } from 'kubewright';\n";
const port = 'spec.ports[0].port';

describe('a value', () => {
  it.each<[string, Files]>([
    [
      'from a constant of another file',
      {
        'app.ts': `${head}import { web } from './ports.ts';\nexport default /*3*/service({ metadata: { name: 'a' }, spec: { ports: [{ /*2*/port: web }] } });`,
        'ports.ts': 'export const web = /*1*/70_000;',
      },
    ],
    [
      'from a record of constants, by namespace and re-export',
      {
        'app.ts': `${head}import * as settings from './settings.ts';\nexport default service({ metadata: { name: 'a' }, spec: { ports: [{ /*2*/port: settings.ports.web }] } });`,
        'settings.ts': "export { ports } from './ports.ts';",
        'ports.ts': 'export const ports = { admin: 80, web: /*1*/70_000 } as const;',
      },
    ],
    [
      'from JSON',
      {
        'app.ts': `${head}import settings from './settings.json';\nexport default service({ metadata: { name: 'a' }, spec: { ports: [{ /*2*/port: settings.web.port }] } });`,
        'settings.json': '{\n  "web": { "port": /*1*/70000 }\n}',
      },
    ],
    [
      'handed to a helper in another file',
      {
        'app.ts': `${head}import { web } from './web.ts';\nexport default [/*3*/web('a', 80), /*4*/web('b', /*1*/70_000)].slice(1);`,
        'web.ts': `${head}export function web(name: string, number: number) {\n  return service({ metadata: { name }, spec: { ports: [{ /*2*/port: number }] } });\n}`,
      },
    ],
    [
      'handed to a helper as options, through another helper',
      {
        'app.ts': `${head}interface Options { name: string; port?: number }
const part = ({ name, port = 80 }: Options) => ({ metadata: { name }, spec: { ports: [{ /*2*/port }] } });
function web(options: Options) {
  return service(part(options));
}
export default web({ name: 'a', port: /*1*/70_000 });`,
      },
    ],
    [
      'of a list that is mapped',
      {
        'app.ts': `${head}const apps = [{ name: 'a', port: 80 }, { name: 'b', port: /*1*/70_000 }];
export default apps.map(({ name, port }) => service({ metadata: { name }, spec: { ports: [{ /*2*/port }] } }));`,
      },
    ],
    [
      'of a list in a loop',
      {
        'app.ts': `${head}const made = [];
for (const app of [{ name: 'a', port: 80 }, { name: 'b', port: /*1*/70_000 }])
  made.push(service({ metadata: { name: app.name }, spec: { ports: [{ /*2*/port: app.port }] } }));
export default made;`,
      },
    ],
    [
      'of a spread object',
      {
        'app.ts': `${head}const base = { ports: [{ /*1*/port: 70_000 }] };
export default service({ metadata: { name: 'a' }, spec: { ...base } });`,
      },
    ],
    [
      'of a conditional spread',
      {
        'app.ts': `${head}const big = true;
export default service({ metadata: { name: 'a' }, spec: { ports: [{ port: 80, ...(big ? { /*1*/port: 70_000 } : {}) }] } });`,
      },
    ],
    [
      'of a method and a field of a class',
      {
        'app.ts': `${head}class App {
  readonly number = /*1*/70_000;
  ports() {
    return [{ /*2*/port: this.number }];
  }
  service() {
    return service({ metadata: { name: 'a' }, spec: { ports: this.ports() } });
  }
}
export default new App().service();`,
      },
    ],
    [
      'under a computed key',
      {
        'app.ts': `${head}const field = 'port';
export default service({ metadata: { name: 'a' }, spec: { ports: [{ /*1*/[field]: 70_000 }] } } as never);`,
      },
    ],
    [
      'pushed onto a list',
      {
        'app.ts': `${head}const ports: { port: number }[] = [];
ports.push({ /*1*/port: 70_000 });
ports.push({ port: 80 });
export default service({ metadata: { name: 'a' }, spec: { ports } } as never);`,
      },
    ],
    [
      'chosen by a condition',
      {
        'app.ts': `${head}const big = String(1) === '1';
export default service({ metadata: { name: 'a' }, spec: { ports: [{ /*1*/port: big ? 70_000 : 80 }] } });`,
      },
    ],
  ])('%s', async (_, files) => {
    const { lines, at } = await places(files);
    const found = lines.find((line) => line.includes(`${port}: `)) ?? lines.join('\n');
    expect(found).toMatch(new RegExp(`^${at('1').replaceAll('.', '\\.')}: error: .*70000`));
    if (!at('2').startsWith('no')) expect(lines).toContain(`    called from ${at('2')}`);
  });

  it.each<[string, string, string]>([
    [
      'a class that was constructed with it',
      `class App {
  constructor(readonly name: string, readonly number: number) {}
  service() {
    return service({ metadata: { name: this.name }, spec: { ports: [{ /*2*/port: this.number }] } });
  }
}
export default [new App('a', 80)./*4*/service(), new App('b', /*1*/70_000)./*3*/service()].slice(1);`,
      port,
    ],
    [
      'a map',
      `const ports = new Map([['a', 80], ['b', /*1*/70_000]]);
export default service({ metadata: { name: 'a' }, spec: { ports: [{ /*2*/port: ports.get('b')! }] } });`,
      port,
    ],
    [
      'a record by a computed key',
      `const ports = { dev: 80, prod: /*1*/70_000 };
export default ({ name = 'prod' }) => service({ metadata: { name: 'a' }, spec: { ports: [{ /*2*/port: ports[name as 'prod'] }] } });`,
      port,
    ],
    [
      'a variable that is assigned later',
      `let number = 80;
if (Math.max(1, 2) === 2) number = /*1*/70_000;
export default service({ metadata: { name: 'a' }, spec: { ports: [{ /*2*/port: number }] } });`,
      port,
    ],
    [
      'a change of the object',
      `const it: any = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } };
it.spec.ports[0].port = /*1*/70_000;
export default it;`,
      port,
    ],
    [
      'a group',
      `export default namespaced(/*1*/'Bad_NS', [/*2*/configMap({ metadata: { name: 'a' } })]);`,
      'metadata.namespace',
    ],
    [
      'one label of several',
      `export default configMap({ metadata: { name: 'a', labels: { a: 'b', /*1*/c: 'no!' } } });`,
      'metadata.labels',
    ],
  ])('of %s is where it was written', async (_, program, about) => {
    const { lines, at } = await places({ 'app.ts': `${head}${program}` });
    const found = lines.find((line) => line.includes(`${about}: `)) ?? lines.join('\n');
    expect(found).toMatch(new RegExp(`^${at('1').replaceAll('.', '\\.')}: error: `));
    if (!at('2').startsWith('no') && about === port) expect(lines).toContain(`    called from ${at('2')}`);
  });

  it('is the field where two literals are as likely', async () => {
    await expectAtMarks(
      {
        'app.ts': `${head}const made = [];
for (const app of [{ port: 70_000, name: 'a' }, { port: 70_000, name: 'b' }])
  made.push(service({ metadata: { name: app.name }, spec: { ports: [{ /*1*/port: app.port }] } }));
export default made;`,
      },
      'Service a spec.ports[0].port',
    );
  });

  it('is not taken from a variable of the same name elsewhere, or one that changes', async () => {
    await expectAtMarks(
      {
        'app.ts': `${head}function other() {\n  const number = 70_000;\n  return number;\n}
let number = other() - 1;
number = 70_000;
export default service({ metadata: { name: 'a' }, spec: { ports: [{ /*1*/port: number }] } });`,
      },
      port,
    );
  });
});

describe('a patch', () => {
  const web = `const web = deployment({
  metadata: { name: 'web' },
  spec: { replicas: 1, template: { spec: { containers: [{ name: 'side', image: 'x' }, { name: 'web', image: 'x' }] } } },
});\n`;
  it.each<[string, string]>([
    ['of parts', 'export default patched(web, { spec: { /*1*/replicas: -1 } });'],
    ['of a group', "export default patched([web], { kind: 'Deployment' }, { spec: { /*1*/replicas: -1 } });"],
    ['by a function', 'export default patched(web, (draft) => {\n  /*1*/draft.spec!.replicas = -1;\n});'],
    ['by operations', "export default patched(web, [{ op: 'replace', path: '/spec/replicas', /*1*/value: -1 }]);"],
  ])('%s is where the value came from', async (_, program) => {
    await expectAtMarks({ 'app.ts': `${head}${web}${program}` }, 'spec.replicas: Invalid value: -1');
  });

  it('of one item of a list is found by its name', async () => {
    await expectAtMarks(
      {
        'app.ts': `${head}${web}export default patched(web, { spec: { template: { spec: { containers: [{ name: 'web', /*1*/imagePullPolicy: 'Often' as never }] } } } });`,
      },
      'imagePullPolicy',
    );
  });
});

describe('what a helper of a package was given', () => {
  const web = "name: 'web', image: 'x'";
  it.each<[string, string, string]>([
    ['a number', `webService({ ${web}, /*1*/port: 70_000 })`, 'containerPort'],
    ['a number beside another', `webService({ ${web}, port: 80, /*1*/servicePort: 70_000 })`, port],
    ['a name', "webService({ /*1*/name: 'Web_1', image: 'x', port: 80 })", 'metadata.name'],
    [
      'one of a list',
      `webService({ ${web}, port: 80, container: { env: [{ name: 'A' }, { /*1*/name: '' }] } })`,
      'env[1].name',
    ],
    [
      'an unknown field',
      `webService({ ${web}, port: 80, container: { /*1*/imagePulPolicy: 'Always' } as never })`,
      'imagePulPolicy',
    ],
    [
      'an object that lacks something',
      `webService({ ${web}, port: 80, container: { /*1*/readinessProbe: {} as never } })`,
      'readinessProbe',
    ],
    ['a host', `webService({ ${web}, port: 80, ingress: { /*1*/host: 'Bad_Host' } })`, 'host'],
    [
      'an option of another name',
      `statefulDatabase({ ${web}, port: 80, /*1*/storage: '10Gx' as never, accessMode: 'ReadWriteOnce', mountPath: '/d' })`,
      'requests',
    ],
    [
      'by way of a function',
      `((number: number) => webService({ ${web}, port: number }))(/*1*/70_000)`,
      'containerPort',
    ],
  ])('is found by its value or name: %s', async (_, call, about) => {
    const { lines, at } = await places({ 'app.ts': `${head}export default ${call};` });
    const found = lines.find((line) => line.includes(about)) ?? lines.join('\n');
    expect(found).toMatch(new RegExp(`^${at('1').replaceAll('.', '\\.')}: error: `));
  });
});

describe('a field that is not known', () => {
  it('in a helper of another file is found with its calls', async () => {
    await expectAtMarks(
      {
        'app.ts': `${head}import { web } from './web.ts';\nfunction all() {\n  return ['a']./*3*/map((name) => /*2*/web(name));\n}\nexport default /*4*/all();`,
        'web.ts': `${head}export const web = (name: string) =>\n  configMap({ metadata: { name }, /*1*/dta: {} } as never);`,
      },
      'dta: unknown field',
    );
  });
});
