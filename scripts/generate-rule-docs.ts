/** Writes a page per rule below docs/rules; with --check only says whether they are up to date. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { presets } from '../src/lint/presets.ts';
import type { LintRule } from '../src/lint/rule.ts';
import { rules } from '../src/lint/rules/index.ts';

const folder = 'docs/rules';

function severities(rule: LintRule): string {
  return Object.entries(presets)
    .filter(([name]) => name !== 'none')
    .map(([name, worth]) => `| \`${name}\` | ${worth(rule)} |`)
    .join('\n');
}

function page(rule: LintRule): string {
  const { id, summary, why, bad, good, aliases = [], options } = rule;
  const parts = [`# ${id}`, summary, why, `| preset | severity |\n| --- | --- |\n${severities(rule)}`];
  if (options) parts.push(`Options and what holds without them: \`${JSON.stringify(options)}\`.`);
  if (aliases.length > 0) parts.push(`Also known as ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  parts.push('Wrong:', `\`\`\`yaml\n${bad.trim()}\n\`\`\``, 'Right:', `\`\`\`yaml\n${good.trim()}\n\`\`\``);
  return `${parts.join('\n\n')}\n`;
}

function overview(): string {
  const categories = [...new Set(rules.map(({ id }) => id.split('/')[0] ?? ''))];
  const sections = categories.map((category) => {
    const own = rules.filter(({ id }) => id.startsWith(`${category}/`));
    const lines = own.map((rule) => `| [${rule.id}](${rule.id}.md) | ${rule.summary} | ${presets.recommended(rule)} |`);
    return `## ${category}\n\n| rule | demands | recommended |\n| --- | --- | --- |\n${lines.join('\n')}`;
  });
  const intro =
    'What Kubernetes itself refuses is always an error and needs no rule. These rules say what it takes but what is unsafe, fragile or leads nowhere.';
  return `# Rules\n\n${intro}\n\n${sections.join('\n\n')}\n`;
}

const pages = new Map([['README.md', overview()], ...rules.map((rule) => [`${rule.id}.md`, page(rule)] as const)]);
const present = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'))
  : [];
const stale = present.filter((name) => !pages.has(name));
const changed = [...pages].filter(
  ([name, text]) => !existsSync(join(folder, name)) || readFileSync(join(folder, name), 'utf8') !== text,
);
if (process.argv.includes('--check')) {
  if (stale.length + changed.length > 0) {
    console.error(`${folder} is not up to date: run "npm run docs"`);
    process.exitCode = 1;
  }
} else {
  for (const name of stale) rmSync(join(folder, name));
  for (const [name, text] of changed) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
console.log(`${rules.length} rules`);
