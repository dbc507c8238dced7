import { describe, expect, it } from 'vitest';
import { pauseProgram } from '../../../src/runtime/engine/pause-program.ts';

describe('pauseProgram', () => {
  for (const [architecture, machine] of [
    ['x86_64', 62],
    ['aarch64', 183],
  ] as const) {
    it(`is a static executable for ${architecture}`, () => {
      const program = pauseProgram(architecture);
      const file = Buffer.from(program);
      expect(file.subarray(0, 7)).toEqual(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]));
      expect([file.readUInt16LE(16), file.readUInt16LE(18)]).toEqual([2, machine]);
      // One loaded segment is the whole file; no interpreter.
      expect([file.readUInt32LE(64), file.readBigUInt64LE(96)]).toEqual([1, BigInt(file.length)]);
      expect(file.readBigUInt64LE(24) - file.readBigUInt64LE(80)).toBe(176n);
      // The signals 2, 15 and 17.
      expect(file.readBigUInt64LE(file.length - 8)).toBe((1n << 1n) | (1n << 14n) | (1n << 16n));
    });
  }
});
