/** Manifests with one fault each, whose place and rule were written down by hand, and sound ones that naive tools complain of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Workspace } from '../../src/lint/workspace.ts';

interface Case {
  readonly name: string;
  readonly text: string;
}

function cases(file: string): readonly Case[] {
  const text = readFileSync(join(import.meta.dirname, 'corpus', file), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf('\n');
      return { name: part.slice(0, end).trim(), text: part.slice(end + 1) };
    });
}

function found({ text }: Case): readonly string[] {
  const workspace = new Workspace();
  workspace.setFile('a.yaml', text);
  return workspace
    .diagnostics('a.yaml')
    .map(({ range, severity, rule, layer, message }) => `${range.start.line} ${rule} ${layer} ${severity} ${message}`);
}

/** `#! rule` at the end of a line: that rule, or that layer, has something to say there. */
function expected({ text }: Case): readonly (readonly [number, string])[] {
  return text.split('\n').flatMap((line, index) => {
    const match = /#! (\S+)$/.exec(line);
    return match?.[1] === undefined ? [] : [[index + 1, match[1]] as const];
  });
}

describe('wrong manifests', () => {
  const wrong = cases('wrong.txt');
  it.each(wrong.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    const marks = expected(one);
    expect(marks.length).toBeGreaterThan(0);
    const all = found(one);
    const missed = marks.filter(
      ([line, what]) =>
        !all.some((text) => text.startsWith(`${line} ${what} `) || new RegExp(`^${line} \\S+ ${what} `).test(text)),
    );
    expect({ missed, all: missed.length > 0 ? all : [] }).toEqual({ missed: [], all: [] });
  });
  it('are many', () => expect(wrong.length).toBeGreaterThanOrEqual(60));
});

describe('sound manifests', () => {
  const sound = cases('sound.txt');
  it.each(sound.map((one) => [one.name, one] as const))('%s', (_name, one) => {
    expect(found(one).filter((text) => / error /.test(text) || /^\d+ reference\/.* warning /.test(text))).toEqual([]);
  });
  it('are many', () => expect(sound.length).toBeGreaterThanOrEqual(40));
});
