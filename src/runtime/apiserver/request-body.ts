/** The body of an HTTP request: read within bounds, then parsed by its media type. */
import type { Http2ServerRequest } from 'node:http2';
import { duplicateFields } from './duplicate-fields.ts';
import { NESTING_LIMIT, nestsTooDeep } from './nesting.ts';
import { patchTypes } from './verbs/patch.ts';
import { badRequest, entityTooLarge, unsupportedMediaType } from './status-error.ts';
import { DecodeError, builtInProtobuf, protobufMediaType } from '../../types/protobuf/codec.ts';
import { YamlError, readYaml } from '../../types/yaml/read.ts';

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
  readonly duplicates: readonly string[];
}

const OBJECT_TYPES = ['application/json', 'application/yaml', protobufMediaType];
const TOO_DEEP = `exceeded max depth: it nests deeper than ${NESTING_LIMIT} levels`;
const NOTHING: ParsedBody = { body: undefined, duplicates: [] };

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
    return { body, duplicates: form.strict && !patching ? duplicateFields(text) : [] };
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

function parseYaml(bytes: Buffer, form: BodyForm, patching: boolean): ParsedBody {
  try {
    return { body: readYaml(bytes.toString('utf8')), duplicates: [] };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    if (patching) throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${error.message}`);
    throw badRequest(`${unrecognized(form)}: yaml: ${error.message} (${bytes.subarray(0, 100).toString('hex')})`);
  }
}

function parseProtobuf(bytes: Buffer, form: BodyForm): ParsedBody {
  try {
    return { body: builtInProtobuf().decode(bytes, form), duplicates: [] };
  } catch (error) {
    if (!(error instanceof DecodeError) && !(error instanceof SyntaxError) && !(error instanceof RangeError))
      throw error;
    throw badRequest(`${unrecognized(form)}: ${error.message} (${bytes.subarray(0, 100).toString('hex')})`);
  }
}

function unrecognized(form: BodyForm): string {
  return `the object provided is unrecognized (must be of type ${form.kind})`;
}
