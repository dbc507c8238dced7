import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../../../src/shared/deep.ts';
import {
  builtInProtobuf,
  DecodeError,
  decodeProtobuf,
  encodeProtobuf,
  ProtobufCodec,
} from '../../../src/types/protobuf/codec.ts';
import { durationFromWire, durationToWire } from '../../../src/types/protobuf/time.ts';
import { kindBases } from '../../../src/types/registry.ts';
import { builtInSchemas } from '../../../src/types/schema-table.ts';
import { resolveSchema, type Schema } from '../../../src/types/schema.ts';
import { arbitraryObject } from '../../support/arbitrary-object.ts';

/** What Go would print of the object: optional zero values go, required ones come. */
function asGoPrints(value: unknown, schema: Schema): unknown {
  if (schema.protoForm !== undefined) return schema.protoForm === 'items' ? value : schemaUnion(value);
  const resolved = resolveSchema(schema, builtInSchemas);
  if (resolved.type === 'array' && Array.isArray(value))
    return value.map((item: unknown) => asGoPrints(item, resolved.items ?? { type: 'json' }));
  if (resolved.type === 'map' && isRecord(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, asGoPrints(item, resolved.items ?? { type: 'json' })]),
    );
  }
  if (resolved.type !== 'object' || !isRecord(value)) return value;
  const printed: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(resolved.properties ?? {})) {
    if (property.proto === undefined) continue;
    const item = asGoPrints(value[name], property);
    const zero =
      item === '' ||
      item === 0 ||
      item === false ||
      (property.type === 'ref' && isRecord(item) && Object.keys(item).length === 0);
    if (item === undefined && property.presence === 'always') {
      const fallback = absent(property);
      if (fallback !== undefined) printed[name] = fallback;
    } else if (item !== undefined && !(zero && property.presence === undefined)) printed[name] = item;
  }
  return printed;
}

function absent(property: Schema): unknown {
  if (property.type === 'ref') return asGoPrints({}, property);
  const zeros: Record<string, unknown> = {
    string: '',
    boolean: false,
    int32: 0,
    int64: 0,
    double: 0,
    quantity: '0',
    'int-or-string': 0,
  };
  return zeros[property.type];
}

function schemaUnion(value: unknown): unknown {
  return value;
}

describe('protobuf', () => {
  const kinds = [...kindBases().values()];
  it.each(kinds.map((kind) => [kind.typeName, kind] as const))('carries %s there and back', (typeName, kind) => {
    const schema = builtInSchemas.resolve(typeName);
    fc.assert(
      fc.property(arbitraryObject({ ...kind, schema }), (object) => {
        const expected: unknown = {
          ...Object(asGoPrints(object, schema)),
          apiVersion: kind.apiVersion,
          kind: kind.kind,
        };
        const decoded = decodeProtobuf(encodeProtobuf(object));
        expect(decoded).toEqual(expected);
        // What was read once is stable.
        expect(decodeProtobuf(encodeProtobuf(decoded))).toEqual(decoded);
      }),
      { numRuns: 25 },
    );
  });

  it('carries lists, statuses, options and what is inside them', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'ConfigMapList',
      metadata: { resourceVersion: '12', remainingItemCount: 3 },
      items: [
        { metadata: { name: 'a' }, data: { k: 'v' } },
        { metadata: { name: 'b' }, binaryData: { k: 'AAE=' } },
      ],
    };
    expect(decodeProtobuf(encodeProtobuf(list))).toEqual(list);
    const status = {
      apiVersion: 'v1',
      kind: 'Status',
      status: 'Failure',
      code: 404,
      reason: 'NotFound',
      details: { name: 'x', causes: [{ field: 'a' }] },
    };
    expect(decodeProtobuf(encodeProtobuf(status))).toEqual(status);
    const options = {
      apiVersion: 'apps/v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Foreground',
    };
    expect(decodeProtobuf(encodeProtobuf(options))).toEqual(options);
    const partial = {
      apiVersion: 'meta.k8s.io/v1',
      kind: 'PartialObjectMetadataList',
      metadata: {},
      items: [{ metadata: { name: 'a' } }],
    };
    expect(decodeProtobuf(encodeProtobuf(partial))).toMatchObject({ items: partial.items });
    expect(builtInProtobuf().knows('example.com/v1', 'Gizmo')).toBe(false);
  });

  it('frames watch events', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
    const frame = builtInProtobuf().encodeWatchEvent('ADDED', pod);
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
    expect(builtInProtobuf().decodeWatchEvent(frame.subarray(4))).toEqual({ type: 'ADDED', object: pod });
  });

  it('is, byte for byte, what Go writes', () => {
    // A Namespace "a" with a label, as k8s.io/api v0.36 marshals its set fields.
    const bytes = encodeProtobuf({
      apiVersion: 'v1',
      kind: 'Namespace',
      ...{ metadata: { name: 'a', labels: { k: 'v' }, generation: -1 } },
    });
    expect(bytes.toString('hex')).toBe(
      [
        '6b387300',
        '0a0f',
        '0a027631',
        '12094e616d657370616365',
        '1218',
        '0a16',
        '0a0161',
        '38ffffffffffffffffff01',
        '5a06',
        '0a016b',
        '120176',
      ].join(''),
    );
  });

  it('answers hostile bytes with a DecodeError and nothing else', () => {
    const good = encodeProtobuf({
      apiVersion: 'v1',
      kind: 'Pod',
      ...{ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] } },
    });
    // Cut between two fields of the envelope, what is left is a whole, empty object.
    let whole = 0;
    for (let length = 0; length < good.length; length++) {
      try {
        decodeProtobuf(good.subarray(0, length));
        whole++;
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
      }
    }
    expect(whole).toBe(1);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(good.length - 1), (noise, at) => {
        const bytes = Buffer.from(good);
        bytes.set(noise.subarray(0, bytes.length - at), at);
        try {
          decodeProtobuf(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  it('reads packed and unpacked numbers and skips unknown fields', () => {
    const codec = new ProtobufCodec({
      names: () => ['x/v1.Thing'],
      resolve: () => ({
        type: 'object',
        properties: { numbers: { type: 'array', items: { type: 'int32' }, proto: 3 } },
      }),
    });
    const type = Buffer.from('0a0d0a04782f763112055468696e67', 'hex');
    const raw = Buffer.from('1a03010203' + '1804' + '22021111' + '2d01020304' + '310102030405060708', 'hex');
    const bytes = Buffer.concat([Buffer.from('6b387300', 'hex'), type, Buffer.from([0x12, raw.length]), raw]);
    expect(codec.decode(bytes)).toEqual({ apiVersion: 'x/v1', kind: 'Thing', numbers: [1, 2, 3, 4] });
  });

  it.each([
    ['1h0m0s', 3600e9],
    ['1m30s', 90e9],
    ['1.5s', 15e8],
    ['250ms', 25e7],
    ['-2s', -2e9],
    ['0s', 0],
  ])('prints the duration %s as Go does', (text, nanos) => {
    expect(durationFromWire(nanos)).toBe(text);
    expect(durationToWire(text)).toBe(nanos);
  });
});
