/**
 * The OpenAPI 2 document as the protobuf message openapi.v2.Document of github.com/google/gnostic-models, media type
 * `application/com.github.proto-openapi.spec.v2@v1.0+protobuf`: the only form that kubectl asks for.
 */
import { isRecord } from '../../../shared/deep.ts';
import { delimited, fixed64, ReverseWriter, varint } from '../../../types/protobuf/wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** Writes one field, back to front; nothing for what is absent. */
type Put = (writer: ReverseWriter, number: number, value: unknown) => void;

const putText: Put = (writer, number, value) => {
  if (typeof value !== 'string') return;
  writer.text(value);
  writer.tag(number, delimited);
};
const putBoolean: Put = (writer, number, value) => {
  if (value !== true) return;
  writer.integer(1);
  writer.tag(number, varint);
};
const putInteger: Put = (writer, number, value) => {
  if (typeof value !== 'number') return;
  writer.integer(value);
  writer.tag(number, varint);
};
const putDouble: Put = (writer, number, value) => {
  if (typeof value !== 'number') return;
  writer.double(value);
  writer.tag(number, fixed64);
};
const putTexts: Put = (writer, number, value) => {
  if (!Array.isArray(value)) return;
  for (let i = value.length - 1; i >= 0; i--) putText(writer, number, value[i]);
};

function embedded(writer: ReverseWriter, number: number, write: () => void): void {
  const mark = writer.length;
  write();
  writer.close(mark);
  writer.tag(number, delimited);
}

/** Any {value = 1, yaml = 2}: JSON is YAML. */
const putAny: Put = (writer, number, value) => {
  if (value !== undefined) embedded(writer, number, () => putText(writer, 2, JSON.stringify(value)));
};
const putAnys: Put = (writer, number, value) => {
  if (!Array.isArray(value)) return;
  for (let i = value.length - 1; i >= 0; i--) putAny(writer, number, value[i]);
};

/** Repeated {name = 1, value = 2} for the entries whose key passes. */
function putEntries(
  writer: ReverseWriter,
  number: number,
  map: unknown,
  put: Put,
  passes: (key: string) => boolean,
): void {
  if (!isRecord(map)) return;
  for (const [key, value] of Object.entries(map).reverse()) {
    if (!passes(key)) continue;
    embedded(writer, number, () => {
      put(writer, 2, value);
      putText(writer, 1, key);
    });
  }
}
const isExtension = (key: string): boolean => key.startsWith('x-');
const putExtensions: Put = (writer, number, value) => putEntries(writer, number, value, putAny, isExtension);

/** Fields in descending order: the writer goes backwards. */
function message(fields: readonly (readonly [number, string, Put])[]): Put {
  const descending = [...fields].sort(([a], [b]) => b - a);
  return (writer, number, value) => {
    if (!isRecord(value)) return;
    embedded(writer, number, () => {
      for (const [field, key, put] of descending) put(writer, field, key === '' ? value : value[key]);
    });
  };
}

const putAdditional: Put = (writer, number, value) => {
  if (value !== undefined)
    embedded(writer, number, () => (value === true ? putBoolean : putSchema)(writer, value === true ? 2 : 1, value));
};
const putType: Put = (writer, number, value) => {
  if (typeof value === 'string') embedded(writer, number, () => putText(writer, 1, value));
};
const putItems: Put = (writer, number, value) => {
  if (value !== undefined) embedded(writer, number, () => putSchema(writer, 1, value));
};
const putSchemas: Put = (writer, number, value) => {
  if (isRecord(value)) embedded(writer, number, () => putEntries(writer, 1, value, putSchema, () => true));
};

/** Its fields refer to it, so it looks its table up when it runs. */
const putSchema: Put = (writer, number, value) => schemaMessage(writer, number, value);
const schemaMessage: Put = message([
  [1, '$ref', putText],
  [2, 'format', putText],
  [3, 'title', putText],
  [4, 'description', putText],
  [5, 'default', putAny],
  [6, 'multipleOf', putDouble],
  [7, 'maximum', putDouble],
  [8, 'exclusiveMaximum', putBoolean],
  [9, 'minimum', putDouble],
  [10, 'exclusiveMinimum', putBoolean],
  [11, 'maxLength', putInteger],
  [12, 'minLength', putInteger],
  [13, 'pattern', putText],
  [14, 'maxItems', putInteger],
  [15, 'minItems', putInteger],
  [16, 'uniqueItems', putBoolean],
  [17, 'maxProperties', putInteger],
  [18, 'minProperties', putInteger],
  [19, 'required', putTexts],
  [20, 'enum', putAnys],
  [21, 'additionalProperties', putAdditional],
  [22, 'type', putType],
  [23, 'items', putItems],
  [25, 'properties', putSchemas],
  [31, '', putExtensions],
]);

const putBodyParameter = message([
  [1, 'description', putText],
  [2, 'name', putText],
  [3, 'in', putText],
  [4, 'required', putBoolean],
  [5, 'schema', putSchema],
]);
const putQueryParameter = message([
  [2, 'in', putText],
  [3, 'description', putText],
  [4, 'name', putText],
  [6, 'type', putText],
]);
const putPathParameter = message([
  [1, 'required', putBoolean],
  [2, 'in', putText],
  [3, 'description', putText],
  [4, 'name', putText],
  [5, 'type', putText],
]);

/** ParametersItem {parameter = 1 {body = 1, non_body = 2 {query = 3, path = 4}}}. */
const putParameters: Put = (writer, number, value) => {
  if (!Array.isArray(value)) return;
  for (let i = value.length - 1; i >= 0; i--) {
    const parameter: unknown = value[i];
    const place = isRecord(parameter) ? parameter['in'] : undefined;
    embedded(writer, number, () =>
      embedded(writer, 1, () => {
        if (place === 'body') putBodyParameter(writer, 1, parameter);
        else {
          embedded(writer, 2, () =>
            (place === 'path' ? putPathParameter : putQueryParameter)(writer, place === 'path' ? 4 : 3, parameter),
          );
        }
      }),
    );
  }
};

const putSchemaItem: Put = (writer, number, value) => {
  if (value !== undefined) embedded(writer, number, () => putSchema(writer, 1, value));
};
const putResponse = message([
  [1, 'description', putText],
  [2, 'schema', putSchemaItem],
]);
const putResponseValue: Put = (writer, number, value) => embedded(writer, number, () => putResponse(writer, 1, value));
const putResponses: Put = (writer, number, value) =>
  embedded(writer, number, () => putEntries(writer, 1, value, putResponseValue, () => true));

const putOperation = message([
  [1, 'tags', putTexts],
  [3, 'description', putText],
  [5, 'operationId', putText],
  [6, 'produces', putTexts],
  [7, 'consumes', putTexts],
  [8, 'parameters', putParameters],
  [9, 'responses', putResponses],
  [10, 'schemes', putTexts],
  [13, '', putExtensions],
]);
const putPathItem = message([
  [2, 'get', putOperation],
  [3, 'put', putOperation],
  [4, 'post', putOperation],
  [5, 'delete', putOperation],
  [8, 'patch', putOperation],
  [9, 'parameters', putParameters],
]);
const putInfo = message([
  [1, 'title', putText],
  [2, 'version', putText],
]);

/** `document` is what `openapiV2Document` makes. */
export function openapiV2Protobuf(document: Json): Buffer {
  const writer = new ReverseWriter(1 << 20);
  putSchemas(writer, 9, document['definitions']);
  embedded(writer, 8, () => putEntries(writer, 2, document['paths'], putPathItem, () => true));
  putInfo(writer, 2, document['info']);
  putText(writer, 1, document['swagger']);
  return writer.finish();
}
