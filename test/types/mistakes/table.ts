/** The published table of mistakes: what finds each, here and in packages that people use for the same. */
import type { Mistake } from './list.ts';

/** `tsc`: the TypeScript compiler refuses it; `run`: the package's own check at run time. */
export type Found = 'tsc' | 'tsc, run' | 'run' | '–';

/** As `npm run bench -- mistakes` found it. */
export interface RivalResults {
  readonly title: string;
  /** With their versions. */
  readonly packages: Readonly<Record<string, string>>;
  readonly rows: Readonly<Record<string, string>>;
}

function place({ rule, accepted }: Mistake): string {
  if (rule === undefined) return accepted === undefined ? '–' : `– (${accepted})`;
  if (rule === 'builder') return 'the call';
  return rule.includes('/') ? `lint: ${rule}` : `build: ${rule}`;
}

function count(rows: readonly string[]): string {
  return `${rows.filter((found) => found !== '–').length} of ${rows.length}`;
}

export function mistakesTable(mistakes: readonly Mistake[], rivals: readonly RivalResults[]): string {
  const titles = rivals.map(({ title }) => title);
  const found = (title: string): readonly string[] => rivals.map(({ rows }) => rows[title] ?? '?');
  const versions = rivals.map(({ packages }) => {
    const [first, ...others] = Object.entries(packages).map((one) => one.join(' '));
    return [first, ...(others.length === 0 ? [] : [others.join(' and ')])].join(' with ');
  });
  const totals = rivals.map(({ title, rows }) => `${title} ${count(mistakes.map((one) => rows[one.title] ?? '–'))}`);
  return `# Mistakes, and what finds them

Each row is a program with one mistake. The second column says whether the TypeScript compiler and with it the editor
refuse it at the line of the mistake; the third what finds it in plain JavaScript, in YAML or in values that are only known
at run time: the call of the builder, \`build\` with the check that it fails, or \`lint\` with its rule.
\`test/types/mistakes\` holds the programs and proves every row.

${mistakes.filter(({ types }) => types).length} of ${mistakes.length} are refused while they are typed, ${mistakes.filter(({ rule }) => rule !== undefined).length} without types.

The other columns are the same programs in the words of other packages, with whatever a handle stands for written out:
\`tsc\` where the TypeScript compiler refuses them, \`run\` where the package's own check does (\`validate()\` of
kubernetes-models, the synthesis of cdk8s; the others have none), – where the object is made without a word. Of cdk8s-plus-34 these are the classes of the API
(L1); its own (L2) have words and defaults of their own.
\`npm run bench -- mistakes\` installs ${versions.join(', ')}, and fills in these columns. Found in all: ${totals.join(', ')}.

| mistake | types | without types | ${titles.join(' | ')} |
| --- | --- | --- | ${titles.map(() => '---').join(' | ')} |
${mistakes.map((one) => `| ${one.title} | ${one.types ? 'yes' : '–'} | ${place(one)} | ${found(one.title).join(' | ')} |`).join('\n')}
`;
}
