/** Writes the generated parts of the README and the guide; with --check only says whether they are up to date. */
import { readFileSync, writeFileSync } from 'node:fs';
import './generate-guide.ts';
import { builtInKinds } from '../src/types/kinds/index.ts';
import type { KindDefinition } from '../src/types/define-kind.ts';

const begin = '<!-- generated: kinds -->';
const end = '<!-- end generated -->';

function names(kinds: readonly KindDefinition[]): string {
  const groups = new Map<string, string[]>();
  for (const { apiVersion, kind } of kinds) groups.set(apiVersion, [...(groups.get(apiVersion) ?? []), kind]);
  return [...groups].map(([apiVersion, list]) => `- \`${apiVersion}\`: ${list.join(', ')}`).join('\n');
}

/** Without what a workload's pod template repeats of the pod's list. */
function ownUnrealized(kind: KindDefinition): readonly string[] {
  const pod = new Set(builtInKinds.find((other) => other.kind === 'Pod')?.unrealized ?? []);
  return (kind.unrealized ?? []).filter((path) => {
    const inTemplate = /(?:^|\.)template\.(spec\..*)$/.exec(path)?.[1];
    return inTemplate === undefined || !pod.has(inTemplate);
  });
}

function kindsText(): string {
  const stored = builtInKinds.filter(({ virtual }) => !virtual);
  const checked = stored.filter(({ validated }) => validated === true);
  const unchecked = stored.filter(({ validated }) => validated !== true);
  const parts = [
    '### Which kinds are fully validated',
    `The rules of these ${checked.length} kinds are checked as Kubernetes checks them:`,
    names(checked),
  ];
  if (unchecked.length > 0) {
    const text =
      'These are served and stored, and their structure is checked; creating one answers with a Warning header:';
    parts.push(text, names(unchecked));
  }
  const unrealized = stored
    .map((kind) => ({ kind: kind.kind, paths: ownUnrealized(kind) }))
    .filter(({ paths }) => paths.length > 0);
  parts.push(
    '### Fields without effect on the local cluster',
    'They are stored and shown, but nothing is done about them here. Those of a pod are so in the pod templates of all workloads too.',
    unrealized.map(({ kind, paths }) => `- ${kind}: ${paths.map((path) => `\`${path}\``).join(', ')}`).join('\n'),
  );
  return parts.join('\n\n');
}

const file = 'README.md';
const before = readFileSync(file, 'utf8');
const from = before.indexOf(begin) + begin.length;
const after = `${before.slice(0, from)}\n\n${kindsText()}\n\n${before.slice(before.indexOf(end))}`;
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error(`${file} is not up to date: run "npm run docs"`);
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, after);
}
const count = builtInKinds.reduce((sum, kind) => sum + ownUnrealized(kind).length, 0);
console.log(`${count} fields without effect on the local cluster`);
