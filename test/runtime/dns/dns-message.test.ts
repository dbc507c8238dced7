import fc from 'fast-check';
import { decode, encode } from 'dns-packet';
import type { OptAnswer } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import {
  MalformedQuery,
  decodeForeignResponse,
  decodeQuery,
  encodeQuestion,
  encodeResponse,
  truncated,
} from '../../../src/runtime/dns/dns-message.ts';
import type { DnsRecord } from '../../../src/runtime/dns/dns-message.ts';

const opt = (udpPayloadSize: number): OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});
const query = (name: string, type: 'A' | 'SRV' = 'A', edns = false) =>
  decodeQuery(
    encode({
      type: 'query',
      id: 7,
      flags: 0x0100,
      questions: [{ name, type }],
      ...(edns ? { additionals: [opt(1400)] } : {}),
    }),
  );

describe('decodeQuery', () => {
  it('throws nothing but MalformedQuery, whatever the bytes', () => {
    const valid = encode({
      type: 'query',
      id: 7,
      questions: [{ name: 'a.b', type: 'A' }],
      additionals: [opt(1)],
    });
    const damaged = fc.tuple(fc.nat(valid.length - 1), fc.nat(255), fc.nat(valid.length)).map(([at, byte, end]) => {
      const copy = Buffer.from(valid);
      copy[at] = byte;
      return copy.subarray(0, end);
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
          damaged,
        ),
        (bytes) => {
          try {
            const read = decodeQuery(bytes);
            encodeResponse(
              read,
              {
                code: 'NOERROR',
                authoritative: true,
                answers: [{ name: read.name, ttl: 1, type: 'A', address: '1.2.3.4' }],
              },
              512,
            );
          } catch (error) {
            if (!(error instanceof MalformedQuery)) throw error;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads name, type, and what the client takes', () => {
    expect(query('Web.default', 'SRV', true)).toMatchObject({
      id: 7,
      name: 'Web.default',
      type: 33,
      udpSize: 1400,
      recursionDesired: true,
    });
    expect(query('web').udpSize).toBeUndefined();
    const dotted = Buffer.from('000701000001000000000000 03612e62 00 0001 0001'.replaceAll(' ', ''), 'hex');
    expect(decodeQuery(dotted).name).toBe('a\\.b');
  });
});

describe('encodeResponse', () => {
  const name = fc
    .array(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), { minLength: 1, maxLength: 5 })
    .map((labels) => labels.join('.'));
  const record: fc.Arbitrary<DnsRecord> = fc.oneof(
    fc.record({ name, ttl: fc.nat(), type: fc.constant('A' as const), address: fc.ipV4() }),
    fc.record({
      name,
      ttl: fc.nat(),
      type: fc.constantFrom('CNAME' as const, 'PTR' as const, 'NS' as const),
      target: name,
    }),
    fc.record({
      name,
      ttl: fc.nat(),
      type: fc.constant('SRV' as const),
      priority: fc.nat(65_535),
      weight: fc.nat(65_535),
      port: fc.nat(65_535),
      target: name,
    }),
    fc.record({
      name,
      ttl: fc.nat(),
      type: fc.constant('SOA' as const),
      primary: name,
      mailbox: name,
      serial: fc.nat(),
      negativeTtl: fc.nat(),
    }),
  );

  it('writes what another codec reads back', () => {
    fc.assert(
      fc.property(
        name,
        fc.array(record, { maxLength: 30 }),
        fc.array(record, { maxLength: 3 }),
        fc.boolean(),
        (asked, answers, authorities, edns) => {
          const read = decode(
            encodeResponse(
              query(asked, 'A', edns),
              { code: 'NOERROR', authoritative: true, answers, authorities },
              65_535,
            ),
          );
          expect(read.questions?.[0]?.name).toBe(asked);
          expect(read.answers).toMatchObject(
            answers.map((one) => ({ name: one.name, type: one.type, ttl: one.ttl, ...expected(one) })),
          );
          expect(read.authorities).toHaveLength(authorities.length);
          expect(read.additionals?.map(({ type }) => type)).toEqual(edns ? ['OPT'] : []);
        },
      ),
    );
  });

  it('keeps to the limit, says when answers are left out, and says it for nothing else', () => {
    fc.assert(
      fc.property(name, fc.array(record, { maxLength: 40 }), fc.boolean(), (asked, answers, edns) => {
        const packet = encodeResponse(
          query(asked, 'A', edns),
          { code: 'NOERROR', authoritative: true, answers, additionals: answers },
          512,
        );
        expect(packet.length).toBeLessThanOrEqual(512);
        const read = decode(packet);
        expect(read.flag_tc).toBe(read.answers?.length !== answers.length);
      }),
    );
  });

  it('fits thirty addresses of one name into 512 bytes', () => {
    const answers = Array.from({ length: 28 }, (_, i): DnsRecord => ({
      name: 'web.default.svc.cluster.local',
      ttl: 5,
      type: 'A',
      address: `10.0.0.${i}`,
    }));
    const read = decode(
      encodeResponse(query('web.default.svc.cluster.local'), { code: 'NOERROR', authoritative: true, answers }, 512),
    );
    expect(read.flag_tc).toBe(false);
    expect(read.answers).toHaveLength(28);
  });
});

function expected(one: DnsRecord): object {
  switch (one.type) {
    case 'A':
      return { data: one.address };
    case 'SRV':
      return { data: { port: one.port, target: one.target, priority: one.priority, weight: one.weight } };
    case 'SOA':
      return { data: { mname: one.primary, rname: one.mailbox, serial: one.serial, minimum: one.negativeTtl } };
    case 'CNAME':
    case 'PTR':
    case 'NS':
      return { data: one.target };
    default:
      return {};
  }
}

describe('decodeForeignResponse', () => {
  const question = encodeQuestion('Example.org', 1) ?? Buffer.alloc(0);
  const response = encode({
    type: 'response',
    id: 9,
    flags: 0,
    questions: [{ name: 'example.org', type: 'A' }],
    answers: [
      { name: 'example.org', type: 'CNAME', ttl: 60, data: 'x.org' },
      { name: 'x.org', type: 'A', ttl: 20, data: '192.0.2.1' },
    ],
  });

  it('finds lifetimes and addresses', () => {
    const read = decodeForeignResponse(response, 9, question);
    expect(read).toMatchObject({ code: 0, ttl: 20, truncated: false });
    expect(read?.addresses.map((address) => address.join('.'))).toEqual(['192.0.2.1']);
    const cut = decode(truncated(response, read?.questionEnd ?? 0));
    expect([cut.flag_tc, cut.answers]).toEqual([true, []]);
  });

  it('takes no response to another question, and no damaged one', () => {
    expect(decodeForeignResponse(response, 8, question)).toBeUndefined();
    expect(decodeForeignResponse(response, 9, encodeQuestion('example.net', 1) ?? question)).toBeUndefined();
    expect(decodeForeignResponse(response.subarray(0, response.length - 1), 9, question)).toBeUndefined();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        (bytes) => void decodeForeignResponse(Buffer.from(bytes), 9, question),
      ),
    );
  });
});
