import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { readDocuments } from '../../../src/cli/documents.ts';
import { programText } from '../../../src/compiler/import/program.ts';
import { readCases } from '../../lint/corpus/cases.ts';
import { writeFiles } from '../../support/built-cli.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { evaluateProgram } from './evaluate-program.ts';
import { typeErrors } from './type-errors.ts';

const style = { parser: 'typescript', singleQuote: true, printWidth: 120, trailingComma: 'all' } as const;
const examples = resolve(import.meta.dirname, '../../../examples');

async function imported(path: string): Promise<{ readonly text: string; readonly objects: readonly unknown[] }> {
  const { documents, problems } = await readDocuments({ path, form: 'manifests', named: true });
  expect(problems).toEqual([]);
  const sources = documents.map(({ candidate, comments }) => ({ object: candidate, comments }));
  return { text: programText(sources), objects: documents.map(({ candidate }) => candidate) };
}

describe('names of variables', () => {
  it('are those that people would choose', () => {
    const named = (kind: string, name: string, apiVersion = 'v1') => ({
      object: { apiVersion, kind, metadata: { name } },
    });
    const text = programText([
      named('ConfigMap', 'web'),
      named('Deployment', 'web', 'apps/v1'),
      named('Service', 'web-service'),
      named('ConfigMap', '2fa'),
      named('Secret', 'default'),
      named('Secret', 'deployment'),
      named('Secret', 'Ünïcode.example'),
      named('Secret', '***'),
      named('Job', 'export', 'batch/v1'),
      named('Widget', 'web', 'example.com/v1'),
      named('Service', 'site', 'serving.example.com/v1'),
      named('Service', 'site'),
      named('ConfigMap', 'web'),
    ]);
    expect([...text.matchAll(/^const (\w+) =/gm)].map(([, name]) => name)).toEqual([
      'webConfigMap',
      'web',
      'webService',
      'configMap2fa',
      'defaultSecret',
      'deploymentSecret',
      'unicodeExample',
      'secret2',
      'exportJob',
      'webWidget',
      'siteServingService',
      'siteService',
      'webConfigMap2',
    ]);
  });
});

describe('typical manifests', () => {
  it('become what a person would have written', async () => {
    const { text, objects } = await imported(join(examples, 'imported/shop.yaml'));
    expect(text).toBe(readFileSync(join(examples, 'imported/app.ts'), 'utf8'));
    expect(await evaluateProgram(text)).toEqual(objects);
  });

  it("of a linter's corpus give the same objects, laid out well, without a type error", async () => {
    const programs: Record<string, string> = {};
    for (const { name, files } of readCases('sound')) {
      // Those are no objects yet: something fills them in. And of those, n and y are booleans to YAML.
      if (/envsubst|kustomize patches|endpoints of its own|account with permissions/.test(name)) continue;
      const folder = temporaryDirectory();
      writeFiles(folder, Object.fromEntries(files));
      for (const file of files.keys()) {
        if (!/\.ya?ml$/.test(file)) continue;
        const { documents, problems } = await readDocuments({
          path: join(folder, file),
          form: 'manifests',
          named: false,
        });
        if (problems.length > 0 || documents.length === 0) continue;
        const objects = documents.map(({ candidate }) => candidate);
        const text = programText(documents.map(({ candidate, comments }) => ({ object: candidate, comments })));
        expect(await evaluateProgram(text), `${name} ${file}`).toEqual(objects);
        if (/^[\x20-\x7e\n]*$/.test(text)) expect(text, `${name} ${file}`).toBe(await format(text, style));
        programs[`case${Object.keys(programs).length}`] = `// ${name} ${file}\n${text}`;
      }
    }
    expect(Object.keys(programs).length).toBeGreaterThan(100);
    const wrong = Object.entries(typeErrors(programs)).flatMap(([name, errors]) =>
      errors.length > 0 ? [`${programs[name]?.split('\n')[0] ?? ''}: ${errors.join('\n')}`] : [],
    );
    expect(wrong).toEqual([]);
  });
});
