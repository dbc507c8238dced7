/** What authors say about single findings: in comments beside them and in annotations. */
import type { LintedObject } from './rule.ts';
import { tokensOf } from '../types/yaml/tokens.ts';

export interface CommentSuppression {
  /** Undefined: whatever is found there. */
  readonly names: readonly string[] | undefined;
  readonly scope: 'line' | 'document' | 'file';
  /** Lines of the piece, from 1: the line that is meant, or the line of the comment. */
  readonly line: number;
  /** Where the comment itself stands. */
  readonly at: number;
  readonly column: number;
  /** Index into the text. */
  readonly offset: number;
  readonly length: number;
  /** What stands behind ` -- `. */
  readonly reason?: string;
}

const comment = /(?<!\S)#\s*kubewright-disable(-next-line|-line|-file)?(?=\s|$)([^\n\r]*)/g;

/** `# kubewright-disable-next-line security/privileged, images/latest -- why`; names and reason may be left out. */
export function commentSuppressions(text: string): readonly CommentSuppression[] {
  if (!text.includes('kubewright-disable')) return [];
  const found: CommentSuppression[] = [];
  const next = nextLines(text.split('\n'));
  let line = 0;
  let lineStart = 0;
  for (const { kind, text: source, start } of tokensOf(text)) {
    // What only looks like one, in a script in a ConfigMap for example, is no comment.
    if (kind !== 'comment') continue;
    for (let end = text.indexOf('\n', lineStart); end >= 0 && end < start; end = text.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = end + 1;
    }
    for (const match of source.matchAll(comment)) {
      const offset = start + match.index;
      found.push({ ...suppression(match, line, next), column: offset - lineStart + 1, offset });
    }
  }
  return found;
}

function suppression(
  [whole, form = '', rest = '']: RegExpMatchArray,
  line: number,
  next: readonly number[],
): Omit<CommentSuppression, 'column' | 'offset'> {
  const [list = '', reason = ''] = rest.split(/\s--(?:\s|$)/);
  const names = list.split(/[\s,]+/).filter((name) => name !== '');
  return {
    names: names.length === 0 ? undefined : names,
    scope: form === '-file' ? 'file' : form === '' ? 'document' : 'line',
    line: form === '-next-line' ? (next[line] ?? line + 1) + 1 : line + 1,
    at: line + 1,
    length: whole.trimEnd().length,
    ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
  };
}

/** For each line the index of the next that is no comment: several comments may stand above one field. */
function nextLines(lines: readonly string[]): readonly number[] {
  const next: number[] = [];
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const below = index + 1;
    next[index] = /^\s*#/.test(lines[below] ?? '') ? (next[below] ?? below) : below;
  }
  return next;
}

export interface AnnotationSuppression {
  readonly names: readonly string[] | undefined;
  /** The annotation's key. */
  readonly key: string;
  readonly inTemplate: boolean;
  /** Written for another tool: whether it is of use to us is nobody's business. */
  readonly foreign: boolean;
}

const ownAnnotation = 'kubewright.dev/disable';
const kubeLinter = 'ignore-check.kube-linter.io/';

function listed(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

function ofAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  inTemplate: boolean,
): readonly AnnotationSuppression[] {
  const found: AnnotationSuppression[] = [];
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (key === ownAnnotation) {
      const names = listed(value);
      found.push({ names: names.includes('*') ? undefined : names, key, inTemplate, foreign: false });
    } else if (key.startsWith(kubeLinter)) {
      found.push({ names: [`kube-linter:${key.slice(kubeLinter.length)}`], key, inTemplate, foreign: true });
    } else if (key === 'kube-linter.io/ignore-all') {
      found.push({ names: undefined, key, inTemplate, foreign: true });
    } else if (key === 'kube-score/ignore') {
      found.push({ names: listed(value).map((name) => `kube-score:${name}`), key, inTemplate, foreign: true });
    }
  }
  return found;
}

export function annotationSuppressions({ object, pod }: LintedObject): readonly AnnotationSuppression[] {
  const own = ofAnnotations(object.metadata.annotations, false);
  if (!pod || pod.metadata === object.metadata) return own;
  return [...own, ...ofAnnotations(pod.metadata?.annotations, true)];
}
