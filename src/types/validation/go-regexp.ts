/** Regular expressions as Go reads them (RE2): what it refuses, and the rest turned into an expression of this language. */

const posixClasses: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  digit: '0-9',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** What RE2 does not have, because it cannot be matched in linear time. */
const perlOnly: readonly (readonly [RegExp, (found: string) => string])[] = [
  [
    /\(\?(?:[=!]|<[=!]|>)/,
    (found) => `invalid or unsupported Perl syntax: \`${found.slice(0, found.includes('<') ? 4 : 3)}\``,
  ],
  [/(?<=(?:^|[^\\])(?:\\\\)*)\\[1-9]/, (found) => `invalid escape sequence: \`${found}\``],
  [/(?<=(?:^|[^\\])(?:\\\\)*)(?:[*+?}])[*+]/, (found) => `invalid nested repetition operator: \`${found}\``],
];

const characterClass = /(?<=(?:^|[^\\])(?:\\\\)*)\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]/g;

/** Messages of this language's engine, and RE2's word for the same fault. */
const faultTexts: readonly (readonly [RegExp, (pattern: string) => string])[] = [
  [/Unterminated group/, (pattern) => `missing closing ): \`${pattern}\``],
  [/Unmatched '\)'/, (pattern) => `unexpected ): \`${pattern}\``],
  [/Unterminated character class/, (pattern) => `missing closing ]: \`${pattern.slice(pattern.lastIndexOf('['))}\``],
  [
    /Nothing to repeat/,
    (pattern) => `missing argument to repetition operator: \`${/[*+?]/.exec(pattern)?.[0] ?? ''}\``,
  ],
  [
    /Range out of order/,
    (pattern) => `invalid character class range: \`${/[^[]-[^\]]/.exec(pattern)?.[0] ?? pattern}\``,
  ],
  [/\\ at end of pattern/, () => 'trailing backslash at end of expression: ``'],
];

export type GoPattern = { readonly regex: RegExp } | { readonly error: string };

/** The expression, or Go's complaint: `error parsing regexp: missing closing ): ...`. */
export function goPattern(pattern: string): GoPattern {
  // Between brackets these characters stand for themselves.
  const bare = pattern.replaceAll(characterClass, '[x]');
  for (const [form, text] of perlOnly) {
    const found = form.exec(bare)?.[0];
    if (found !== undefined) return { error: `error parsing regexp: ${text(found)}` };
  }
  const flags = new Set<string>();
  // Flags hold for the whole expression here, where Go has them from their place on.
  const source = pattern
    // A bracket that closes nothing yet stands for itself.
    .replaceAll(characterClass, (found) => found.replace(/^(\[\^?)\]/, '$1\\]'))
    .replaceAll(/\(\?([imsU]+)(?:-[imsU]+)?([:)])/g, (_all, own: string, end: string) => {
      for (const flag of own) if (flag !== 'U') flags.add(flag);
      return end === ':' ? '(?:' : '';
    })
    .replaceAll(/\[:(\w+):\]/g, (all, name: string) => posixClasses[name] ?? all)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$');
  try {
    return { regex: compiled(source, [...flags].join('')) };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const text = faultTexts.find(([form]) => form.test(said))?.[1](pattern) ?? `invalid syntax: \`${pattern}\``;
    return { error: `error parsing regexp: ${text}` };
  }
}

/** Unicode first; escapes of plain characters, which Go allows, are only known to the older syntax. */
function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new RegExp(source, flags);
  }
}
