import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { customBuilders } from '../../../src/compiler/import/crd/builders.ts';
import { NoDefinition } from '../../../src/compiler/import/crd/definition.ts';
import { programText } from '../../../src/compiler/import/program.ts';
import { compile } from '../../../src/index.ts';
import { isRecord } from '../../../src/shared/deep.ts';
import { readYaml, readYamlDocuments } from '../../../src/types/yaml/read.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { evaluateProgram } from './evaluate-program.ts';
import { typeErrors } from './type-errors.ts';

const style = { parser: 'typescript', singleQuote: true, printWidth: 120, trailingComma: 'all' } as const;

function definitions(name: string): string {
  const text = readFileSync(join(import.meta.dirname, `definitions/${name}.yaml`), 'utf8');
  const objects = readYamlDocuments(text)
    .map(({ value }) => value)
    .filter(isRecord);
  return programText([], customBuilders(objects));
}

function definition(schema: string): string {
  const head = [
    'apiVersion: apiextensions.k8s.io/v1',
    'kind: CustomResourceDefinition',
    'metadata: { name: things.example.com }',
    'spec:',
    '  group: example.com',
    '  names: { kind: Thing, plural: things }',
    '  scope: Namespaced',
    `  versions: [{ name: v1, served: true, storage: true, schema: { openAPIV3Schema: ${schema} } }]`,
  ];
  const object = readYaml(head.join('\n'));
  return programText([], customBuilders(isRecord(object) ? [object] : []));
}

describe('the types of custom resources', () => {
  it('compile under strict, and say what fits', () => {
    const use = (types: string, call: string): string =>
      `import * as made from './${types}.ts';\nexport default made.${call};\n`;
    const named = "metadata: { name: 'a' }";
    const workflow = (template: string): string =>
      use('workflows', `workflow({ ${named}, spec: { templates: [${template}] } })`);
    const errors = typeErrors({
      certificates: definitions('certificates'),
      workflows: definitions('workflows'),
      monitors: definitions('monitors'),
      rollouts: definitions('rollouts'),
      mesh: definitions('mesh'),
      compositions: definitions('compositions'),
      inherited: definition(
        '{ type: object, properties: { constructor: { type: string }, toString: { type: integer }, both: { type: object, nullable: true, enum: [null] } } }',
      ),
      groups: definition(
        '{ type: object, properties: { spec: { type: object, properties: { a: { type: string }, b: { type: string }, c: { type: string }, d: { type: string } }, allOf: [{ oneOf: [{ not: { anyOf: [{ required: [a] }, { required: [b] }] } }, { required: [a] }, { required: [b] }] }, { oneOf: [{ required: [c] }, { required: [d] }] }] } } }',
      ),
      plainFields: use('inherited', `thing({ ${named} })`),
      ownFields: use('inherited', `thing({ ${named}, constructor: 'a', toString: 3 })`),
      oneOfEach: use('groups', `thing({ ${named}, spec: { a: 'a', c: 'c' } })`),
      onlyNeeded: use('groups', `thing({ ${named}, spec: { d: 'd' } })`),
      noneOfSecond: use('groups', `thing({ ${named}, spec: { a: 'a' } })`),
      twoOfFirst: use('groups', `thing({ ${named}, spec: { a: 'a', b: 'b', c: 'c' } })`),
      union: definition(
        '{ type: object, properties: { mode: { oneOf: [{ type: string }, { type: array, items: { type: integer } }] } } }',
      ),
      fit: use(
        'certificates',
        `certificate({ ${named}, spec: { issuerRef: { name: 'ca' }, secretName: 's', keystores: null, usages: ['server auth'] } })`,
      ),
      old: use('certificates', `certificateV1alpha2({ ${named}, spec: { whatever: [1, { a: true }] } })`),
      preserved: workflow(
        "{ name: 'a', container: { image: 'a', tty: true }, resource: { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: {} } }",
      ),
      intOrText: use(
        'monitors',
        `gateway({ ${named}, spec: { storage: { size: 5 }, mode: 'x', target: {}, auth: { token: 't' } } })`,
      ),
      unionText: use('union', `thing({ ${named}, mode: [1] })`),
      rollout: use(
        'rollouts',
        `rollout({ ${named}, spec: { replicas: null, template: { spec: { containers: [{ name: 'a', whatever: 1 }] } }, strategy: { canary: { maxSurge: '25%', steps: [{ setWeight: 20 }, { pause: { duration: 10 } }, { pause: {} }], trafficRouting: { plugins: { 'a/b': { c: 1 } } } } } } })`,
      ),
      route: use(
        'mesh',
        `virtualRoute({ ${named}, spec: { hosts: ['a'], http: [{ match: [{ uri: {}, headers: { x: { prefix: 'a' } } }, { uri: { exact: '/' } }], redirect: { redirectCode: 302 }, route: [{ destination: { host: 'a', port: { number: 1 } }, weight: 3 }] }], tls: { minProtocolVersion: '', cipherSuites: ['AES128'] } } })`,
      ),
      composition: use(
        'compositions',
        `composition({ ${named}, spec: { compositeTypeRef: { apiVersion: 'a/v1', kind: 'B' }, mode: 'Pipeline', pipeline: [{ step: 'a', functionRef: { name: 'f' }, input: { apiVersion: 'a/v1', kind: 'I', metadata: {}, resources: [1] } }], resources: [{ base: { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: {} }, patches: [{ transforms: [{ map: { a: 1, b: { c: [] } }, match: { fallbackValue: [null] } }] }] }], $refs: { 'in-line': 'a', 'x.y/z': 1, default: true, constructor: 'c', '1st': [[1, 2.5]], "it's": 'x' }, schema: { anything: [1] }, matrix: { a: [{ b: 'c' }] } } })`,
      ),
      open: use('compositions', `claim({ ${named}, spec: { whatever: [1] }, data: 3 })`),
      deep: use(
        'compositions',
        `platformFunction({ ${named}, spec: { node: { name: 'a', node: { node: { node: { name: 'd' } } } }, empty: { a: 1 }, priority: null, flag: true, optionalText: null } })`,
      ),
      wrongCode: use('mesh', `virtualRoute({ ${named}, spec: { http: [{ redirect: { redirectCode: 300 } }] } })`),
      wrongItem: use('mesh', `virtualRoute({ ${named}, spec: { tls: { cipherSuites: ['DES'] } } })`),
      twoMatches: use(
        'mesh',
        `virtualRoute({ ${named}, spec: { http: [{ match: [{ uri: { exact: 'a', prefix: 'b' } }] }] } })`,
      ),
      wrongRoot: use('compositions', `composition({ ${named}, spec: { mode: 'Pipeline' } })`),
      wrongName: use(
        'compositions',
        `composition({ metadata: { name: 'a', namespace: 'b' }, spec: { compositeTypeRef: { apiVersion: 'a/v1', kind: 'B' } } })`,
      ),
      wrongUnion: use('union', `thing({ ${named}, mode: true })`),
      wrongEnum: use(
        'certificates',
        `certificate({ ${named}, spec: { issuerRef: { name: 'ca' }, secretName: 's', usages: ['x'] } })`,
      ),
      missing: use('certificates', `certificate({ ${named}, spec: { secretName: 's' } })`),
      misspelt: use('monitors', `serviceMonitor({ ${named}, spec: { endpoints: [{ prot: 'http' }], selector: {} } })`),
      two: workflow("{ container: { image: 'a' }, suspend: {} }"),
      none: workflow("{ name: 'a' }"),
      neither: use('monitors', `gateway({ ${named}, spec: { auth: { realm: 'r' } } })`),
    });
    const wrong = [
      'wrongCode',
      'wrongItem',
      'twoMatches',
      'wrongRoot',
      'wrongName',
      'wrongUnion',
      'wrongEnum',
      'missing',
      'misspelt',
      'two',
      'none',
      'neither',
      'noneOfSecond',
      'twoOfFirst',
    ];
    for (const [name, found] of Object.entries(errors)) {
      if (wrong.includes(name)) expect([name, found.length]).toEqual([name, 1]);
      else expect([name, found]).toEqual([name, []]);
    }
  });

  it('are laid out as prettier does it', async () => {
    for (const name of ['certificates', 'workflows', 'monitors', 'rollouts', 'mesh', 'compositions']) {
      const text = definitions(name);
      expect(text).toBe(await format(text, style));
    }
    const long = Array.from({ length: 5 }, (_, index) => `{ required: [thisIsAQuiteLongName${index}] }`);
    const properties = long.map((one) => `${/\w+(?=\])/.exec(one)?.[0] ?? ''}: { type: string }`).join(', ');
    for (const groups of [
      `oneOf: [${long.join(', ')}]`,
      `oneOf: [${long.slice(0, 2).join(', ')}]`,
      `anyOf: [${long.join(', ')}]`,
      `oneOf: [${long.slice(0, 2).join(', ')}], anyOf: [${long.slice(2).join(', ')}]`,
      `allOf: [{ oneOf: [${long.join(', ')}] }, { anyOf: [${long.slice(0, 2).join(', ')}] }]`,
    ]) {
      const text = definition(
        `{ type: object, x-kubernetes-preserve-unknown-fields: true, properties: { spec: { type: object, properties: { ${properties} }, ${groups} } } }`,
      );
      expect(text).toBe(await format(text, style));
    }
  });

  it('keep every property, whatever declares it', () => {
    const text = definition(
      '{ type: object, properties: { spec: { type: object, properties: { a: { type: string } }, oneOf: [{ properties: { b: { type: integer } } }, { required: [a] }], anyOf: [{ properties: { c: { type: boolean } } }], allOf: [{ properties: { d: { type: number } }, required: [d] }] } } }',
    );
    for (const line of ['a?: string', 'b?: number', 'c?: boolean', 'd: number'])
      expect(text).toContain(`readonly ${line}`);
  });

  it('keep the names of two kinds apart', () => {
    const text = readFileSync(join(import.meta.dirname, 'definitions/monitors.yaml'), 'utf8');
    const objects = [text, text.replaceAll('monitoring.example.io', 'metrics.example.io')]
      .flatMap((one) => readYamlDocuments(one).map(({ value }) => value))
      .filter(isRecord);
    const made = programText([], customBuilders(objects));
    for (const name of ['gateway', 'metricsGateway']) expect(made).toContain(`export const ${name} = builderOf`);
  });

  it('are refused for what is no definition', () => {
    expect(() => customBuilders([{ spec: {} }])).toThrow(NoDefinition);
    expect(() => customBuilders([{ spec: { group: 'a.b', names: { kind: 'A' }, versions: [] } }])).toThrow(
      'spec.versions has no version that is served',
    );
    expect(() => customBuilders([{ spec: { names: 1 } }])).toThrow('spec.names must be an object');
  });

  it('are checked with their definitions, at the place of the mistake', async () => {
    const folder = temporaryDirectory();
    for (const name of ['mesh', 'compositions'])
      copyFileSync(join(import.meta.dirname, `definitions/${name}.yaml`), join(folder, `${name}.yaml`));
    writeFileSync(
      join(folder, 'app.ts'),
      [
        "import { fromYaml, raw } from 'kubewright';",
        'export default [',
        "  raw({ apiVersion: 'mesh.example.io/v1', kind: 'VirtualRoute', metadata: { name: 'a' }, spec: { tls: { mode: 'SIMPLE' } } }),",
        "  raw({ apiVersion: 'mesh.example.io/v1', kind: 'VirtualRoute', metadata: { name: 'b' }, spec: {",
        "    tls: { mode: 'NONE' },",
        "    http: [{ nme: 'x', match: [{ uri: { exact: 'a', prefix: 'b' } }] }],",
        '  } }),',
        "  raw({ apiVersion: 'platform.example.io/v1', kind: 'Composition', metadata: { name: 'c' }, spec: {} }),",
        "  await fromYaml('./mesh.yaml'),",
        "  await fromYaml('./compositions.yaml'),",
        '];',
      ].join('\n'),
    );
    const { problems } = await compile(join(folder, 'app.ts'));
    expect(problems.map(({ place, path, message }) => [place?.line, path, message.slice(0, 40)])).toEqual([
      [6, 'spec.http[0].nme', 'unknown field; did you mean name?'],
      [5, 'spec.tls.mode', 'Unsupported value: "NONE": supported val'],
      [4, '', 'Invalid value: "": "spec.http[0].match[0'],
      [8, 'spec.compositeTypeRef', 'Required value'],
    ]);
  });

  it('serve the objects that stand beside them', async () => {
    const object = readYaml(
      '{ apiVersion: certs.example.io/v1, kind: Certificate, metadata: { name: a }, spec: { secretName: b } }',
    );
    const text = readFileSync(join(import.meta.dirname, 'definitions/certificates.yaml'), 'utf8');
    const crd = readYaml(text);
    if (!isRecord(crd) || !isRecord(object)) throw new Error('not read');
    const source = { ...object, apiVersion: 'certs.example.io/v1', kind: 'Certificate' };
    const made = programText([{ object: source }], customBuilders([crd]));
    expect(made).toContain("const a = certificate({ metadata: { name: 'a' }, spec: { secretName: 'b' } });");
    expect(await evaluateProgram(made)).toEqual([object]);
  });
});
