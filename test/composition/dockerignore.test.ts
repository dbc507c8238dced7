import { describe, expect, it } from 'vitest';
import { DockerIgnore } from '../../src/composition/dockerignore.ts';

function left(text: string, paths: readonly string[]): readonly string[] {
  const ignore = new DockerIgnore(text, '.dockerignore');
  return paths.filter((path) => !ignore.leavesOut(path));
}

describe('.dockerignore', () => {
  it.each([
    [
      'a folder and what is in it',
      'node_modules',
      ['a', 'node_modules', 'node_modules/x/y', 'b/node_modules'],
      ['a', 'b/node_modules'],
    ],
    ['any depth', '**/node_modules', ['node_modules/x', 'a/b/node_modules', 'c'], ['c']],
    ['one level', '*/temp*', ['temp', 'a/temporary.txt', 'a/b/temp', 'a/temp/x'], ['temp', 'a/b/temp']],
    ['one character', 'temp?', ['temp', 'tempa', 'tempab'], ['temp', 'tempab']],
    ['slashes round it', '/dist/', ['dist', 'dist/a', 'a/dist'], ['a/dist']],
    [
      'exceptions, the last one deciding',
      '*.md\n!README*.md\nREADME-secret.md',
      ['a.md', 'README.md', 'README-secret.md'],
      ['README.md'],
    ],
    ['what is taken back in', 'src\n!src/keep', ['src', 'src/a', 'src/keep', 'src/keep/b'], ['src/keep', 'src/keep/b']],
    ['everything but', '*\n!a', ['a', 'a/b', 'c', 'c/d'], ['a', 'a/b']],
    ['everything in a folder', 'a/**', ['a', 'a/b', 'a/b/c'], ['a']],
    ['files in any folder', '**/*.o', ['x.o', 'a/x.o', 'a/x.c'], ['a/x.c']],
    ['groups of characters', 'file[0-9].txt', ['file1.txt', 'filex.txt'], ['filex.txt']],
    ['escapes and dots that mean themselves', 'a.b\n\\*', ['a.b', 'axb', '*', 'x'], ['axb', 'x']],
    ['comments, blanks and line ends of Windows', '# a\r\n\r\n  b  \r\n', ['# a', 'a', 'b'], ['# a', 'a']],
    ['paths that go up and down', 'a/../b/./c', ['a', 'b/c', 'b/d'], ['a', 'b/d']],
  ])('%s', (_, text, paths, expected) => {
    expect(left(text, paths)).toEqual(expected);
  });

  it('refuses what is no pattern', () => {
    expect(() => new DockerIgnore('a\n!', '/x/.dockerignore')).toThrow('/x/.dockerignore:2: "!" needs a pattern');
    expect(() => new DockerIgnore('[z-a]', '/x/.dockerignore')).toThrow('/x/.dockerignore:1: "[z-a]" is no pattern');
  });
});
