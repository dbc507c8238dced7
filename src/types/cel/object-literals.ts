/**
 * Literals of objects, `Object.spec{replicas: 3}` and `JSONPatch{op: "add"}`, as mutations of admission policies write them
 * (KEP-3962). The interpreter knows literals of maps only, so they become maps of any values.
 */

const reservedNames = /^__(\w+)__$/;

/** The property that an escaped name stands for. */
export function unescapedName(name: string): string {
  const word = reservedNames.exec(name)?.[1];
  if (word !== undefined && !/^(?:underscores|dot|dash|slash)$/.test(word) && !word.includes('__')) return word;
  return name
    .replaceAll('__underscores__', '\u0000')
    .replaceAll('__dot__', '.')
    .replaceAll('__dash__', '-')
    .replaceAll('__slash__', '/')
    .replaceAll('\u0000', '__');
}

/** Texts of every form, comments, names with their points, braces; the order decides. */
const tokens =
  /(?<text>[rRbB]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\/[^\n]*)|(?<literal>(?:Object|JSONPatch)(?:\s*\.\s*[A-Za-z_]\w*)*\s*\{)|(?<key>[A-Za-z_]\w*)(?=\s*:)|(?<word>[A-Za-z_]\w*)|(?<open>\{)|(?<close>\})|(?<rest>[^\s])|\s+/g;

/** The expression with its literals of objects written as maps. */
export function withMapLiterals(expression: string): string {
  const braces: boolean[] = [];
  let text = '';
  let before = '';
  for (const found of expression.matchAll(tokens)) {
    const [all] = found;
    const { literal, key, open, close } = found.groups ?? {};
    const isKey = key !== undefined && braces.at(-1) === true && (before === '{' || before === ',');
    if (literal !== undefined && before !== '.') {
      braces.push(true);
      text += 'dyn({';
    } else if (isKey) text += JSON.stringify(unescapedName(key));
    else if (close !== undefined) text += braces.pop() === true ? '})' : '}';
    else {
      if (open !== undefined || literal !== undefined) braces.push(false);
      text += all;
    }
    if (all.trim() !== '') before = all.trim().slice(-1);
  }
  return text;
}
