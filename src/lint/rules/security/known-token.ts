import type { LintRule, RuleFinding } from '../../rule.ts';
import { anyKind } from '../../selectors.ts';
import { podExample } from '../example.ts';
import type { PathSegment } from '../../../types/field-issue.ts';

const tokens: readonly (readonly [RegExp, string])[] = [
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, 'an AWS access key'],
  [/\bgh[pousr]_[A-Za-z0-9]{36,}\b/, 'a GitHub token'],
  [/\bgithub_pat_[A-Za-z0-9_]{60,}\b/, 'a GitHub token'],
  [/\bglpat-[A-Za-z0-9_-]{20,}\b/, 'a GitLab token'],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}\b/, 'a Slack token'],
  [/\bAIza[0-9A-Za-z_-]{35}\b/, 'a Google API key'],
  [/\b[rs]k_live_[0-9a-zA-Z]{20,}\b/, 'a Stripe key'],
  [/\bnpm_[A-Za-z0-9]{36}\b/, 'an npm token'],
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, 'a private key'],
];
/** Only beginnings: a text may be a whole file. */
const searched = 100_000;
const shortest = 20;

/** Calls back for every text that is long enough; the path is only valid during the call. */
function visitTexts(value: unknown, path: PathSegment[], found: (text: string) => void): void {
  if (typeof value === 'string') {
    if (value.length >= shortest) found(value.slice(0, searched));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    path.push(Array.isArray(value) ? Number(key) : key);
    visitTexts(child, path, found);
    path.pop();
  }
}

export const knownToken: LintRule = {
  id: 'security/known-token',
  severity: 'error',
  recommended: true,
  summary: 'No text has the form of a vendor’s token.',
  why: 'Such tokens are searched for by machines as soon as a repository is readable, and used within minutes.',
  bad: podExample({ container: 'args:\n  - --key=AKIAIOSFODNN7EXAMPLE' }),
  good: podExample({ container: 'args:\n  - --key-file=/etc/keys/aws' }),
  appliesTo: anyKind,
  *check({ object }) {
    // The data of a Secret is where such a thing belongs.
    if (object.kind === 'Secret') return;
    const path: PathSegment[] = [];
    const findings: RuleFinding[] = [];
    visitTexts(object, path, (text) => {
      const found = tokens.find(([pattern]) => pattern.test(text));
      if (found) findings.push({ path: [...path], message: `this looks like ${found[1]}` });
    });
    yield* findings;
  },
};
