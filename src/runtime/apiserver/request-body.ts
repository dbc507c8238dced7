/** The body of an HTTP request: read within bounds, then parsed by its media type. */
import type { Http2ServerRequest } from 'node:http2';
import { isRecord } from '../../shared/deep.ts';
import { duplicateFields } from './duplicate-fields.ts';
import type { DuplicateField, DuplicateFields } from './duplicate-fields.ts';
import { NESTING_LIMIT, nestsTooDeep } from './nesting.ts';
import { patchTypes } from './verbs/patch.ts';
import { badRequest, entityTooLarge, unsupportedMediaType } from './status-error.ts';
import { DecodeError, builtInProtobuf, protobufMediaType } from '../../types/protobuf/codec.ts';
import { readYamlDocuments } from '../../types/yaml/read.ts';

/** Upstream's limit for bodies, 3 MiB. */
export const BODY_LIMIT = 3 * 1024 * 1024;

/** @throws ApiError RequestEntityTooLarge; what comes then is thrown away unread. */
export async function readBody(request: Http2ServerRequest): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > BODY_LIMIT) {
    request.resume();
    throw entityTooLarge(BODY_LIMIT);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise<Buffer>((resolve, reject) => {
    const finish = (act: () => void): void => {
      request.off('data', onData);
      act();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= BODY_LIMIT) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      finish(() => reject(entityTooLarge(BODY_LIMIT)));
      request.resume();
    };
    request.on('data', onData);
    request.once('end', () =>
      finish(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))),
    );
    request.once('error', (error) => finish(() => reject(badRequest(`the body could not be read: ${error.message}`))));
    request.once('aborted', () => finish(() => reject(badRequest('the client went away before its body was read'))));
  });
}

export interface ParsedBody {
  readonly body: unknown;
  readonly duplicates: DuplicateFields | undefined;
}

const OBJECT_TYPES = ['application/json', 'application/yaml', protobufMediaType];
const TOO_DEEP = `exceeded max depth: it nests deeper than ${NESTING_LIMIT} levels`;
const NOTHING: ParsedBody = { body: undefined, duplicates: undefined };

export interface BodyForm {
  readonly method: string;
  readonly contentType: string;
  /** Kind of the object that is expected, for messages. */
  readonly kind: string;
  readonly apiVersion: string;
  /** False when the client does not want to hear of duplicate fields. */
  readonly strict: boolean;
}

/** @throws ApiError BadRequest, UnsupportedMediaType */
export function parseBody(bytes: Buffer, form: BodyForm): ParsedBody {
  const type = (form.contentType.split(';')[0] ?? '').trim().toLowerCase();
  const patching = form.method === 'PATCH';
  const accepted: readonly string[] = patching ? patchTypes : OBJECT_TYPES;
  if (bytes.length === 0 && !patching) return NOTHING;
  if (type !== '' && !accepted.includes(type)) throw unsupportedMediaType(accepted);
  if (patching && type === '') throw unsupportedMediaType(accepted);
  if (type === protobufMediaType) return parseProtobuf(bytes, form);
  const parsed = type.endsWith('yaml')
    ? parseYaml(bytes, form, patching)
    : parseJson(bytes.toString('utf8'), form, patching);
  if (nestsTooDeep(parsed.body)) throw badRequest(`${unrecognized(form)}: ${TOO_DEEP}`);
  return parsed;
}

function parseJson(text: string, form: BodyForm, patching: boolean): ParsedBody {
  try {
    const body: unknown = JSON.parse(text);
    if (!form.strict) return { body, duplicates: undefined };
    return { body, duplicates: patching ? patchComplaints(text, body) : duplicateFields(text) };
  } catch (error) {
    const reason = goSyntaxError(text, error);
    if (patching) throw badRequest(text.trim() === '' ? 'unexpected end of JSON input' : reason);
    throw badRequest(
      `${unrecognized(form)}: couldn't get version/kind; json parse error: ${reason} (${text.slice(0, 100)})`,
    );
  }
}

/** Go's words for what is wrong with a text that is no JSON. */
function goSyntaxError(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (
    /end of JSON input|Unterminated|after property|Expected .* in JSON at position \d+$/.test(message) &&
    !isOffending(text, message)
  ) {
    return 'unexpected end of JSON input';
  }
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
  return `invalid character '${text.charAt(position)}' looking for beginning of value`;
}

function isOffending(text: string, message: string): boolean {
  const position = /position (\d+)/.exec(message)?.[1];
  return position !== undefined && Number(position) < text.length;
}

/** The fields of an operation of a JSON patch (RFC 6902). */
const OPERATION_FIELDS: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value']);

/** What is wrong with the text of a patch itself; what it makes of the object is looked at later. */
function patchComplaints(text: string, body: unknown): DuplicateFields | undefined {
  const twice = duplicateFields(text)?.found ?? [];
  if (!Array.isArray(body)) return twice.length === 0 ? undefined : { found: twice };
  const unknown = body.flatMap((operation: unknown, index) =>
    (isRecord(operation) ? Object.keys(operation) : [])
      .filter((name) => !OPERATION_FIELDS.has(name))
      .map((name) => complaintAt(`unknown field "[${index}].${name}"`)),
  );
  const found = [...unknown, ...twice].map((each) => ({ ...each, complaint: `json patch ${each.complaint}` }));
  return found.length === 0 ? undefined : { found };
}

function complaintAt(complaint: string): DuplicateField {
  return { path: '', complaint, place: 0 };
}

/** Keys that stand twice are no fault unless the client asks to be told: the last one counts. */
function parseYaml(bytes: Buffer, form: BodyForm, patching: boolean): ParsedBody {
  const [document] = readYamlDocuments(bytes.toString('utf8'));
  const { problems = [], value = null, partial = null } = document ?? {};
  const [problem] = problems;
  if (!problem) return { body: value, duplicates: undefined };
  if (problems.every(({ first }) => first !== undefined)) {
    const lines = problems.map(({ line, message }) => `  line ${line}: ${message}`);
    const complaint = complaintAt(['yaml: unmarshal errors:', ...lines].join('\n'));
    return { body: partial, duplicates: form.strict ? { found: [complaint] } : undefined };
  }
  const text = `yaml: line ${problem.line}: ${problem.message}`;
  if (patching) throw badRequest(`error decoding YAML: error converting YAML to JSON: ${text}`);
  throw badRequest(`${unrecognized(form)}: ${text} (${bytes.subarray(0, 100).toString('hex')})`);
}

function parseProtobuf(bytes: Buffer, form: BodyForm): ParsedBody {
  try {
    return { body: builtInProtobuf().decode(bytes, form), duplicates: undefined };
  } catch (error) {
    if (!(error instanceof DecodeError) && !(error instanceof SyntaxError) && !(error instanceof RangeError))
      throw error;
    throw badRequest(`${unrecognized(form)}: ${error.message} (${bytes.subarray(0, 100).toString('hex')})`);
  }
}

function unrecognized(form: BodyForm): string {
  return `the object provided is unrecognized (must be of type ${form.kind})`;
}
