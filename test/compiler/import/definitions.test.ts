import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { customBuilders } from '../../../src/compiler/import/crd/builders.ts';
import { NoDefinition } from '../../../src/compiler/import/crd/definition.ts';
import { programText } from '../../../src/compiler/import/program.ts';
import { isRecord } from '../../../src/shared/deep.ts';
import { readYaml, readYamlDocuments } from '../../../src/types/yaml/read.ts';
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
  it('compile under strict, and say what fits', { timeout: 60_000 }, () => {
    const use = (types: string, call: string): string =>
      `import * as made from './${types}.ts';\nexport default made.${call};\n`;
    const named = "metadata: { name: 'a' }";
    const workflow = (template: string): string =>
      use('workflows', `workflow({ ${named}, spec: { templates: [${template}] } })`);
    const errors = typeErrors({
      certificates: definitions('certificates'),
      workflows: definitions('workflows'),
      monitors: definitions('monitors'),
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
    const wrong = ['wrongEnum', 'missing', 'misspelt', 'two', 'none', 'neither'];
    for (const [name, found] of Object.entries(errors)) {
      if (wrong.includes(name)) expect([name, found.length]).toEqual([name, 1]);
      else expect([name, found]).toEqual([name, []]);
    }
  });

  it('are laid out as prettier does it', async () => {
    for (const name of ['certificates', 'workflows', 'monitors']) {
      const text = definitions(name);
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
