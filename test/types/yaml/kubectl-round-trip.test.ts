/** What is written, as the stock kubectl reads it: texts, keys and numbers that other notations take for something else. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../../src/shared/deep.ts';
import { writeYamlDocuments } from '../../../src/types/yaml/write.ts';
import { startTestServer } from '../../support/api-server.ts';
import type { TestServer } from '../../support/api-server.ts';
import { Kubectl } from '../../support/kubectl.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'notes.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'notes', kind: 'Note' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const words =
  `y n yes no on off Yes NO On OFF true false True FALSE null Null ~ .nan .NaN .inf -.INF <<  = 0644 0o644 0x1F 0b11
1e3 1E5 1.5e-3 1_000 0_7 1.10 1.0 1. .5 +1 -1 +.5 08 09.5 -0 1:30 190:20:30 20:30 2020-01-01 2001-12-14t21:59:43.10-05:00
2024-1-2 12:00 1.27.0 v1 1.10.x 123abc 0x 0o8 0b2 1e 1e+ e3 - -- --- ... ? : ?x :x -x *a &a !a !!str %a @a # #c | > |- >+ [] {} [a {a , ' " ''
a: a:b a#b \\ \\n $(VAR) \${x} http://x/y?z=1#f a=b 12345678901234567890 0.1e400 1e400 inf nan NaN Infinity none Null~`.split(
    /\s+/,
  );
const shapes = [
  '',
  ' ',
  ' a',
  'a ',
  '\ta',
  'a\t',
  'a: b',
  'a #b',
  '- a',
  '? a',
  'a\nb',
  'a\nb\n',
  'a\n\n',
  '\n',
  '\na',
  ' a\nb',
  'a\n b\n',
];
const signs = [
  'a\r\nb',
  '\r',
  '\u0000',
  '\u0007',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufeffa',
  'é',
  '😀',
  '\ufffe',
];
const texts = [...words, ...shapes, ...signs, 'x'.repeat(2_000), `${'long words '.repeat(40)}end`, 'a\n'.repeat(300)];

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...texts),
    fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...texts), fc.string()), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
}));

let folder: string;
let server: TestServer;
let kubectl: Kubectl;
beforeAll(async () => {
  server = await startTestServer();
  folder = await mkdtemp(join(tmpdir(), 'kubewright-test-'));
  const kubeconfig = join(folder, 'config');
  await server.writeKubeconfig(kubeconfig);
  kubectl = new Kubectl(kubeconfig);
  await kubectl.apply(JSON.stringify(definition));
  await kubectl.ok('wait --for=condition=Established crd/notes.example.com --timeout=200s');
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const note = (name: string, spec: unknown) => ({
  apiVersion: 'example.com/v1',
  kind: 'Note',
  metadata: { name },
  spec,
});

/** The specs, as kubectl has read them. */
async function read(specs: readonly unknown[]): Promise<readonly unknown[]> {
  const yaml = writeYamlDocuments(specs.map((spec, index) => note(`n${index}`, spec)));
  const answer = await kubectl.ok('create --dry-run=client --validate=false -o json -f -', { input: yaml });
  // One document after the other, without commas between them.
  return answer.split(/\n(?=\{)/).map((text) => {
    const object: unknown = JSON.parse(text);
    return isRecord(object) ? object['spec'] : undefined;
  });
}

describe('kubectl', () => {
  it('reads texts as texts, as values, as keys, in lists', async () => {
    const specs = [
      { values: texts },
      Object.fromEntries(texts.map((text, index) => [`k${index}`, text])),
      Object.fromEntries(texts.map((text, index) => [text, index])),
      { nested: texts.map((text) => [{ [text]: [text, [text]] }]) },
    ];
    expect(await read(specs)).toEqual(specs);
  });

  it('reads numbers as they were', async () => {
    const numbers = [0, 1, -1, 0.1, 1e21, 1e-7, 123456789012, 2 ** 53, -(2 ** 53), 1.5e300, 5e-324, 0o644, 100];
    expect(await read([{ numbers }])).toEqual([{ numbers }]);
  });

  it('reads whatever there is', async () => {
    const values = fc
      .sample(json.value, { numRuns: 400, seed: 36 })
      .filter((value) => !JSON.stringify(value).includes('__proto__'))
      .map((value) => ({ value }));
    expect(await read(values)).toEqual(values);
  });
});
