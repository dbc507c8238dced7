import { writeFile, utimes } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ResolvConf, nameservers } from '../../../src/runtime/dns/resolv-conf.ts';

describe('resolv.conf', () => {
  it('gives at most three servers and never the own one', () => {
    const text =
      '# nameserver 9.9.9.9\nsearch example.org\nnameserver 127.0.0.53\n nameserver 10.244.0.1\nnameserver fe80::1%eth0\nnameserver x\nnameserver 2001:db8::1\noptions ndots:5\nnameserver 192.0.2.1\nnameserver 192.0.2.2';
    expect(nameservers(text, new Set(['10.244.0.1', 'fe80::1%eth0']))).toEqual([
      '127.0.0.53',
      '2001:db8::1',
      '192.0.2.1',
    ]);
  });

  it('notices a changed file, and one that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'resolv-'));
    try {
      const path = join(folder, 'resolv.conf');
      const conf = new ResolvConf(new Set(), path);
      expect(await conf.servers()).toEqual([]);
      await writeFile(path, 'nameserver 192.0.2.1\n');
      expect(await conf.servers()).toEqual(['192.0.2.1']);
      await writeFile(path, 'nameserver 192.0.2.2\n');
      await utimes(path, 1, 1);
      expect(await conf.servers()).toEqual(['192.0.2.2']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
