import type { KindDefinition } from '../../../types/define-kind.ts';
import type { KubeObject } from '../../../types/meta.ts';
import { collectIssues } from '../../../types/field-issue.ts';
import { builtInSchemas } from '../../../types/schema-table.ts';
import { findTypeFaults } from '../../../types/validation/structure.ts';
import { unrealizedFields, unrealizedText } from '../../../types/unrealized-fields.ts';
import { decodeObject } from '../object-rules.ts';
import type { FieldValidation } from '../object-rules.ts';
import { resetFields } from '../field-tracking.ts';
import { textOf } from '../fields.ts';
import type { ObjectDraft } from '../fields.ts';
import { goText, goTypeName } from '../patch/go-text.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { PatchError } from '../patch/patch-error.ts';
import { applyConfiguration } from '../patch/server-side-apply.ts';
import type { ApplyConflict } from '../patch/server-side-apply.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts';
import { objectAnswer, writeContext } from '../request-context.ts';
import type { Answer, RequestContext } from '../request-context.ts';
import type { Current, Proposal } from '../resource-storage.ts';
import { writeParameters } from '../request-options.ts';
import type { WriteParameters } from '../request-options.ts';
import { ApiError, badRequest, invalid, notFound, unsupportedMediaType } from '../status-error.ts';
import { checkAddress } from './update.ts';

export const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

export async function patch(context: RequestContext): Promise<Answer> {
  const { request, kind, key, warnings, storage, info } = context;
  const [mediaType = ''] = request.contentType.split(';');
  const accepted = kind.custom === true ? patchTypes.filter((type) => !type.includes('strategic')) : patchTypes;
  if (!accepted.some((type) => type === mediaType.trim())) throw unsupportedMediaType(accepted);
  const parameters = writeParameters(request, 'PatchOptions');
  const found: string[] = [];
  const apply = mediaType.trim() === 'application/apply-patch+yaml';
  const written = await storage.update(
    key,
    (current) => {
      found.length = 0;
      if (apply) return applied(context, current, parameters, found);
      if (!current) throw notFound(kind, key.name);
      return { draft: patched(context, mediaType.trim(), current.object, parameters, found), patched: true };
    },
    writeContext(context, parameters),
  );
  warnings.push(...found);
  if (apply) warnings.push(...unrealizedFields(kind, request.body).map(unrealizedText));
  if (kind.warnings) warnings.push(...kind.warnings(written.object, undefined));
  return objectAnswer(written.created && info.subresource === '' ? 201 : 200, written.object);
}

/** The patched object, decoded anew. @throws ApiError */
export function patched(
  context: RequestContext,
  mediaType: string,
  object: KubeObject,
  parameters: WriteParameters,
  warnings: string[],
): ObjectDraft {
  const { request } = context;
  const result = refusing(context, () => resultOf(mediaType, object, request.body, context));
  const draft = decodePatched(context, result, parameters, warnings);
  checkAddress(context, draft);
  return draft;
}

/** What does not fit the kind after a patch is the patch's fault: 422, with the whole document as its value. */
function decodePatched(
  context: RequestContext,
  result: unknown,
  parameters: WriteParameters,
  warnings: string[],
): ObjectDraft {
  const { request, kind } = context;
  const { fieldValidation } = parameters;
  try {
    return decodeObject(kind, result, { fieldValidation, duplicates: request.duplicateFields, warnings });
  } catch (error) {
    if (!(error instanceof ApiError) || error.reason !== 'BadRequest') throw error;
    const fault = request.contentType.startsWith('application/strategic') ? strategicFault(kind, result) : undefined;
    if (fault !== undefined) throw unfitting(goText(request.body), fault);
    throw unfitting(JSON.stringify(result), error.message);
  }
}

/** @param culprit the patch, or the document that it makes */
function unfitting(culprit: string, message: string): ApiError {
  const issues = collectIssues((sink) => sink.at('patch').invalid(culprit, message));
  return invalid({ group: '', kind: '' }, '', issues);
}

/** What a strategic merge came to is converted without text in between, so its faults read otherwise. */
function strategicFault(kind: KindDefinition, result: unknown): string | undefined {
  const [fault] = findTypeFaults(kind, result);
  if (!fault) return undefined;
  const from = goTypeName(fault.value);
  const wanted = /of type (\S+)$/.exec(fault.decodeError)?.[1] ?? '';
  if (wanted.startsWith('map[')) return `cannot restore map from ${from}`;
  if (wanted.startsWith('[]')) return `cannot restore slice from ${from}`;
  if (wanted.includes('.')) return `cannot restore struct from: ${from}`;
  return `cannot convert ${from} to ${wanted}`;
}

function resultOf(mediaType: string, object: KubeObject, body: unknown, { kind }: RequestContext): unknown {
  if (mediaType.startsWith('application/json-patch')) return applyJsonPatch(object, body);
  if (mediaType.startsWith('application/merge-patch')) return applyMergePatch(object, body);
  return applyStrategicMergePatch(object, body, kind.schema, builtInSchemas);
}

/** Runs something that may find fault with the patch. */
export function refusing<T>({ kind, key, request }: Pick<RequestContext, 'kind' | 'key' | 'request'>, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.unfit) throw unfitting(goText(request.body), error.message);
    if (error.code === 400) throw new ApiError('BadRequest', error.message);
    if (error.code === 500) throw new ApiError('Unknown', error.message);
    throw new ApiError('Invalid', error.message, {
      name: key.name,
      ...(kind.group === '' ? {} : { group: kind.group }),
      kind: kind.plural,
    });
  }
}

/** Server-side apply (KEP-555): creates what is missing, merges by ownership, refuses what belongs to others. */
function applied(
  context: RequestContext,
  current: Current | undefined,
  parameters: WriteParameters,
  warnings: string[],
): Proposal {
  const { kind, request, info, parts, key } = context;
  checkApplied(context);
  if (!current && info.subresource !== '') throw notFound(kind, key.name);
  const answer = refusing(context, () =>
    applyConfiguration({
      live: current?.object,
      config: request.body,
      manager: parameters.fieldManager,
      force: parameters.force,
      subresource: info.subresource,
      apiVersion: kind.apiVersion,
      now: parts.clock.now(),
      schema: kind.schema,
      table: builtInSchemas,
      resetFields: resetFields(kind, info.subresource),
    }),
  );
  if ('conflicts' in answer) throw applyConflict(answer);
  const { fieldValidation } = parameters;
  reportDuplicates(context, fieldValidation, warnings);
  const draft = decodeObject(kind, answer.object, { fieldValidation, duplicates: undefined, warnings });
  draft.metadata.name ??= key.name;
  checkAddress(context, draft);
  return { draft, tracked: true, mayCreate: true, patched: true };
}

/** A configuration with fields that stand there twice has been merged by the last of each before anyone complains. */
function reportDuplicates({ request }: RequestContext, mode: FieldValidation, warnings: string[]): void {
  const { found = [] } = request.duplicateFields ?? {};
  if (found.length === 0 || mode === 'Ignore') return;
  const complaint = `error converting YAML to JSON: ${found.map((each) => each.complaint).join('\n')}`;
  if (mode === 'Strict') throw badRequest(`error strict decoding YAML: ${complaint}`);
  warnings.push(complaint);
}

/** A configuration names its object and leaves the account of ownership to the server. */
function checkApplied({ request, kind }: RequestContext): void {
  const { body } = request;
  const apiVersion = textOf(body, 'apiVersion');
  if (apiVersion !== kind.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${kind.apiVersion}`,
    );
  }
}

function applyConflict(conflict: ApplyConflict): ApiError {
  const causes = conflict.conflicts.map(({ message, fieldPath }) => ({
    reason: 'FieldManagerConflict',
    message,
    field: fieldPath,
  }));
  return new ApiError('Conflict', conflict.message, { causes });
}
