/**
 * Reads the corpus. A case starts with `### name`, options after a bar: `crlf`, `trimmed` (no line break at the end),
 * `file=NAME` (`a.yaml` otherwise); `=== NAME` starts a further file of it. `#! rule` at the end of a line, taken away before
 * the text is used, says that this rule or this layer has something to say about that line.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workspace } from '../../../src/lint/workspace.ts';

export interface Expectation {
  readonly file: string;
  readonly line: number;
  readonly what: string;
}

export interface Case {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly expected: readonly Expectation[];
}

const mark = /[ \t]+#! (\S+)$/;

function readCase(text: string, group: string): Case {
  const [header = '', ...lines] = text.split('\n');
  const [name = '', options = ''] = header.split(' | ');
  const words = options.trim().split(/\s+/);
  const files = new Map<string, string[]>();
  const expected: Expectation[] = [];
  let file = words.find((word) => word.startsWith('file='))?.slice('file='.length) ?? 'a.yaml';
  let content: string[] = [];
  files.set(file, content);
  for (const line of lines) {
    if (line.startsWith('=== ')) {
      file = line.slice('=== '.length).trim();
      content = [];
      files.set(file, content);
      continue;
    }
    const what = mark.exec(line)?.[1];
    content.push(line.replace(mark, ''));
    if (what !== undefined) expected.push({ file, line: content.length, what });
  }
  const finish = (made: readonly string[]): string => {
    const joined = made.join(words.includes('crlf') ? '\r\n' : '\n');
    return words.includes('trimmed') ? joined.trimEnd() : joined;
  };
  return {
    name: `${group}: ${name.trim()}`,
    files: new Map([...files].map(([path, made]) => [path, finish(made)])),
    expected,
  };
}

export function readCases(folder: 'sound' | 'wrong', corpus = import.meta.dirname): readonly Case[] {
  const path = join(corpus, folder);
  return readdirSync(path)
    .sort()
    .flatMap((file) =>
      readFileSync(join(path, file), 'utf8')
        .split(/^### /m)
        .slice(1)
        .map((text) => readCase(text, file.replace('.txt', ''))),
    );
}

export interface Finding extends Expectation {
  readonly layer: string;
  readonly severity: string;
  readonly message: string;
}

export function lintCase({ files }: Case): readonly Finding[] {
  const workspace = new Workspace();
  for (const [path, text] of files) workspace.setFile(path, text);
  return [...files.keys()].flatMap((path) =>
    workspace.diagnostics(path).map(({ range, severity, rule, layer, message }) => {
      return { file: path, line: range.start.line, what: rule, layer, severity, message };
    }),
  );
}

export function isMet({ file, line, what }: Expectation, findings: readonly Finding[]): boolean {
  return findings.some(
    (one) => one.file === file && one.line === line && [one.what, one.layer, one.severity].includes(what),
  );
}
