/** Every report format against what reads it, for whatever findings may say. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LintFinding, LintReport } from '../../../src/cli/lint/finding.ts';
import { formats } from '../../../src/cli/lint/formats.ts';

const require = createRequire(import.meta.url);

/** The official schema is in draft 4; what it uses of that means the same in draft 7. */
function sarifSchema(): object {
  const folder = dirname(require.resolve('@microsoft/jest-sarif/package.json'));
  const text = readFileSync(join(folder, 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8');
  const { $schema: _draft, id: _id, ...schema }: Record<string, unknown> = JSON.parse(text);
  return schema;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a::b,c', '%0A\r\n', ']]>', '<&">', '\u0000\u001b[31m', '\ud800'),
);
const place = fc.record({ line: fc.integer({ min: 1, max: 9_999 }), column: fc.integer({ min: 1, max: 300 }) });

const finding: fc.Arbitrary<LintFinding> = fc
  .record({
    file: fc.oneof(
      fc.constantFrom('a.yaml', 'k8s/web app.yaml', '/tmp/ü#?.yaml', '-'),
      text.filter((name) => !name.includes('\ud800')),
    ),
    start: place,
    lines: fc.integer({ min: 0, max: 3 }),
    columns: fc.integer({ min: 0, max: 30 }),
    path: fc.constantFrom('', 'spec.containers[0].image', 'data[a b]'),
    rule: fc.constantFrom('syntax', 'unknown-field', 'security/privileged', 'custom/ours'),
    layer: fc.constantFrom('syntax', 'structure', 'api', 'lint', 'reference'),
    severity: fc.constantFrom('error', 'warning', 'info'),
    message: text,
    fix: fc.option(
      fc.record({
        title: text,
        safe: fc.boolean(),
        edits: fc.array(fc.record({ start: fc.nat(99), end: fc.integer({ min: 99, max: 199 }), newText: text })),
      }),
      { nil: undefined },
    ),
    related: fc.array(
      fc.record({ file: fc.constant('main:a.yaml'), line: fc.constant(3), column: fc.constant(1), message: text }),
      {
        maxLength: 2,
      },
    ),
    suppression: fc.option(
      fc.oneof(
        fc.record({ by: fc.constant('author' as const), reason: text }),
        fc.record({ by: fc.constant('baseline' as const) }),
      ),
      { nil: undefined },
    ),
  })
  .map(({ start, lines, columns, fix, suppression, ...rest }) => ({
    ...rest,
    ...start,
    endLine: start.line + lines,
    endColumn: start.column + columns,
    ...(fix ? { fix } : {}),
    ...(suppression ? { suppression } : {}),
  }));

const report: fc.Arbitrary<LintReport> = fc
  .record({ findings: fc.array(finding, { maxLength: 6 }), suppressed: fc.array(finding, { maxLength: 3 }) })
  .map((lists) => ({
    ...lists,
    summary: { documents: 9, checked: 8, unchecked: 1, errors: 1, warnings: 2, infos: 3 },
  }));

function written(format: string, of: LintReport): string {
  return formats[format]?.(of) ?? '';
}

function forAll(check: (of: LintReport) => void): void {
  fc.assert(fc.property(report, check), { numRuns: 150 });
}

/** Whether every tag is closed, every attribute quoted and every sign one that XML 1.0 has; no more than a parser asks. */
function wellFormed(xml: string): string | undefined {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml)) return 'a sign that XML does not have';
  if (/\p{Surrogate}/u.test(xml)) return 'half a sign';
  const open: string[] = [];
  let rest = xml.replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, '');
  while (rest !== '') {
    const tag = /^<(\/?)([a-z]+)((?: [a-z]+="(?:[^<>&"]|&(?:amp|lt|gt|quot|#10|#13|#9);)*")*)(\/?)>/.exec(rest);
    const words = /^(?:[^<>&]|&(?:amp|lt|gt|quot|#10|#13|#9);)+/.exec(rest);
    if (!tag && !words) return `at ${rest.slice(0, 60)}`;
    if (tag) {
      const [, closes, name = '', , closed] = tag;
      if (closes === '/') {
        if (open.pop() !== name) return `closes ${name}`;
      } else if (closed === '') open.push(name);
    }
    rest = rest.slice((tag ?? words)?.[0].length);
  }
  return open.length === 0 ? undefined : `leaves ${open.join()} open`;
}

describe('SARIF', () => {
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(
    sarifSchema(),
  );

  it('is valid against its schema, whatever is found', () => {
    forAll((of) => {
      const log: unknown = JSON.parse(written('sarif', of));
      validate(log);
      expect(validate.errors ?? []).toEqual([]);
    });
  });

  it('always has results, and addresses that are relative or whole', () => {
    forAll((of) => {
      const log = JSON.parse(written('sarif', of));
      const [run] = log.runs;
      expect(run.results).toHaveLength(of.findings.length + of.suppressed.length);
      for (const { locations, partialFingerprints, ruleIndex, ruleId } of run.results) {
        const { uri } = locations[0].physicalLocation.artifactLocation;
        expect(uri).toMatch(/^(?:file:\/\/)?[A-Za-z0-9._~!$&'()*+,;=:@%/-]*$/);
        expect(partialFingerprints['kubewright/v1']).toMatch(/^[0-9a-f]{32}$/);
        expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      }
    });
  });

  it('says why what was silenced is not told', () => {
    const base = { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 1, path: '', rule: 'images/latest' };
    const one: LintFinding = { ...base, layer: 'lint', severity: 'warning', message: 'm' };
    const summary = { documents: 1, checked: 1, unchecked: 0, errors: 0, warnings: 0, infos: 0 };
    const suppressed: readonly LintFinding[] = [
      { ...one, suppression: { by: 'author', reason: 'on purpose' } },
      { ...one, suppression: { by: 'baseline' } },
    ];
    const log = JSON.parse(written('sarif', { findings: [], suppressed, summary }));
    expect(log.runs[0].results.map((result: { suppressions: unknown }) => result.suppressions)).toEqual([
      [{ kind: 'inSource', status: 'accepted', justification: 'on purpose' }],
      [{ kind: 'external', status: 'accepted' }],
    ]);
  });
});

describe('GitHub', () => {
  it('is one command per finding and line, whatever is found', () => {
    forAll((of) => {
      const lines = written('github', of).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines).toHaveLength(of.findings.length);
      for (const [index, line] of lines.entries()) {
        // A message may hold U+2028, which ends a line for no command.
        const [, command, properties = '', message = ''] = /^::(error|warning|notice) ([^:]*)::(.*)$/s.exec(line) ?? [];
        const { severity, file, message: said, line: at } = of.findings[index] ?? {};
        expect(command).toBe(severity === 'info' ? 'notice' : severity);
        const values = new Map(
          properties.split(',').map((property) => {
            const [name = '', value = ''] = property.split('=', 1).concat(property.slice(property.indexOf('=') + 1));
            return [name, decoded(value.replaceAll('%3A', ':').replaceAll('%2C', ','))] as const;
          }),
        );
        expect(values.get('file')).toBe(file);
        expect(values.get('line')).toBe(String(at));
        expect(decoded(message)).toBe(said);
      }
    });
  });

  function decoded(value: string): string {
    return value.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
  }
});

describe('GitLab', () => {
  it('has fingerprints that differ, severities that GitLab knows and relative paths', () => {
    forAll((of) => {
      const entries: readonly { fingerprint: string; severity: string; location: { lines: { begin: number } } }[] =
        JSON.parse(written('gitlab', of));
      expect(new Set(entries.map(({ fingerprint }) => fingerprint)).size).toBe(of.findings.length);
      for (const { severity, location } of entries) {
        expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(severity);
        expect(location.lines.begin).toBeGreaterThan(0);
      }
    });
  });
});

describe('JUnit', () => {
  it('is well-formed, whatever is found', () => {
    forAll((of) => {
      const xml = written('junit', of);
      expect(wellFormed(xml)).toBeUndefined();
      expect(xml.match(/<testcase /g)).toHaveLength(Math.max(1, of.findings.length));
    });
  });
});

describe('JSON', () => {
  it('has the fields that programs rely on and no others', () => {
    const known = 'file line column endLine endColumn path rule layer severity message fix'.split(' ');
    forAll((of) => {
      const { findings, summary, ...rest } = JSON.parse(written('json', of));
      expect(rest).toEqual({});
      expect(summary).toEqual(of.summary);
      expect(findings).toHaveLength(of.findings.length);
      for (const one of findings) {
        expect(Object.keys(one).filter((key) => !known.includes(key))).toEqual([]);
        expect(Object.keys(one)).toEqual(expect.arrayContaining(known.slice(0, -1)));
      }
    });
  });
});

describe('text', () => {
  it('says what was not checked', () => {
    const summary = { documents: 3, checked: 1, unchecked: 2, errors: 0, warnings: 1, infos: 1 };
    expect(written('text', { findings: [], suppressed: [], summary })).toBe(
      '3 objects (2 not checked): 0 errors, 1 warning, 1 info\n',
    );
  });
});
