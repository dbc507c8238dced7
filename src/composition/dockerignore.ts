/** What a .dockerignore leaves out of a build context (docs.docker.com/build/concepts/context, ".dockerignore files"). */

interface Pattern {
  readonly expression: RegExp;
  /** `!pattern`: takes back in. */
  readonly exception: boolean;
}

/** As Go's path.Clean, for relative patterns. */
function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** `[a-c]` and `[^a-c]`, which Go's filepath.Match has in common with regular expressions. */
const characterClass = /^\[\^?(?:\\.|[^\]\\])+\]/;

function expressionOf(pattern: string): RegExp {
  let text = '';
  for (let at = 0; at < pattern.length;) {
    const rest = pattern.slice(at);
    const group = characterClass.exec(rest)?.[0];
    if (rest.startsWith('**/')) {
      text += '(?:.*/)?';
      at += 3;
    } else if (rest.startsWith('**')) {
      text += '.*';
      at += 2;
    } else if (rest.startsWith('*')) {
      text += '[^/]*';
      at += 1;
    } else if (rest.startsWith('?')) {
      text += '[^/]';
      at += 1;
    } else if (group !== undefined) {
      text += group;
      at += group.length;
    } else {
      const escaped = rest.startsWith('\\') && rest.length > 1;
      const char = escaped ? rest.charAt(1) : rest.charAt(0);
      text += char.replace(/[.+^${}()|[\]\\*?/-]/, '\\$&');
      at += escaped ? 2 : 1;
    }
  }
  return new RegExp(`^${text}$`, 's');
}

/**
 * The test for paths (relative, with slashes) that the text of a .dockerignore leaves out.
 *
 * @throws Error for a pattern that cannot be read
 */
export class DockerIgnore {
  readonly #patterns: readonly Pattern[];

  constructor(text: string, file: string) {
    this.#patterns = text.split(/\r?\n/).flatMap((line, index): readonly Pattern[] => {
      const trimmed = (index === 0 ? line.replace(/^\ufeff/, '') : line).trim();
      if (line.startsWith('#') || trimmed === '') return [];
      const exception = trimmed.startsWith('!');
      const pattern = cleaned(exception ? trimmed.slice(1).trim() : trimmed);
      if (pattern === '') {
        if (exception) throw new Error(`${file}:${index + 1}: "!" needs a pattern behind it`);
        return [];
      }
      try {
        return [{ expression: expressionOf(pattern), exception }];
      } catch (error) {
        throw new Error(`${file}:${index + 1}: ${JSON.stringify(trimmed)} is no pattern`, { cause: error });
      }
    });
  }

  /** The last pattern that fits a path, or a folder above it, decides. */
  leavesOut(path: string): boolean {
    const parts = path.split('/');
    const paths = parts.map((_, index) => parts.slice(0, index + 1).join('/'));
    let out = false;
    for (const { expression, exception } of this.#patterns)
      if (exception === out && paths.some((one) => expression.test(one))) out = !exception;
    return out;
  }

  /** Whether something below a folder that is left out may be taken back in. */
  get hasExceptions(): boolean {
    return this.#patterns.some(({ exception }) => exception);
  }
}
