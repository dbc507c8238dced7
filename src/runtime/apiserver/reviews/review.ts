import type { KubeObject } from '../../../types/meta.ts';
import type { Handler, RequestContext } from '../request-context.ts';
import { decodeObject } from '../object-rules.ts';
import { writeParameters } from '../request-options.ts';
import type { ObjectDraft } from '../fields.ts';
import { invalid } from '../status-error.ts';
import { collectIssues } from '../../../types/field-issue.ts';

/** A kind that is only posted: the question goes in, the answer comes back in its status, nothing is stored. */
export interface Review {
  readonly typeName: string;
  readonly create: Handler;
}

/** The decoded and validated question. @throws ApiError */
export function questionOf(context: RequestContext): ObjectDraft {
  const { request, kind, warnings } = context;
  const { fieldValidation } = writeParameters(request, 'CreateOptions');
  const draft = decodeObject(kind, request.body, {
    fieldValidation,
    duplicates: request.duplicateFields,
    warnings,
  });
  const issues = collectIssues((sink) => kind.validate?.(draft, sink));
  if (issues.length > 0) throw invalid(kind, draft.metadata.name ?? '', issues);
  return draft;
}

/** The question with its answer. */
export function answered(draft: KubeObject, status: unknown): KubeObject {
  return { ...draft, ...{ status } };
}
