/** What authors say about single findings: in comments beside them and in annotations. */
import type { LintedObject } from './rule.ts';

export interface CommentSuppression {
  /** Undefined: whatever is found there. */
  readonly names: readonly string[] | undefined;
  readonly scope: 'line' | 'document' | 'file';
  /** Lines of the piece, from 1: the line that is meant, or the line of the comment. */
  readonly line: number;
  /** Where the comment itself stands. */
  readonly at: number;
  readonly column: number;
  readonly length: number;
  /** What stands behind ` -- `. */
  readonly reason?: string;
}

const comment = /#\s*kubewright-disable(-next-line|-line|-file)?(?=\s|$)([^\n\r]*)/g;

/** `# kubewright-disable-next-line security/privileged, images/latest -- why`; names and reason may be left out. */
export function commentSuppressions(text: string): readonly CommentSuppression[] {
  if (!text.includes('kubewright-disable')) return [];
  const found: CommentSuppression[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const match of line.matchAll(comment)) {
      // Inside a word it is no comment.
      if (match.index > 0 && !/\s/.test(line[match.index - 1] ?? '')) continue;
      const [whole, form = '', rest = ''] = match;
      const [list = '', reason = ''] = rest.split(/\s--(?:\s|$)/);
      const names = list.split(/[\s,]+/).filter((name) => name !== '');
      const scope = form === '-file' ? 'file' : form === '' ? 'document' : 'line';
      found.push({
        names: names.length === 0 ? undefined : names,
        scope,
        line: form === '-next-line' ? nextLine(text, index) : index + 1,
        at: index + 1,
        column: match.index + 1,
        length: whole.trimEnd().length,
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      });
    }
  }
  return found;
}

/** The next line that is no comment: several comments may stand above one field. */
function nextLine(text: string, index: number): number {
  const lines = text.split('\n');
  let next = index + 1;
  while (next < lines.length && /^\s*#/.test(lines[next] ?? '')) next += 1;
  return next + 1;
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
