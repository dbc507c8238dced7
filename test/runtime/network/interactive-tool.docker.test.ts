import { describe, expect, it } from 'vitest';
import { ToolMissing } from '../../../src/runtime/network/command.ts';
import { InteractiveTool } from '../../../src/runtime/network/interactive-tool.ts';
import type { EndMarker } from '../../../src/runtime/network/interactive-tool.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const ipMarker = (count: number, line: number): EndMarker => ({
  line: `mark-${count}`,
  opening: 'Object "mark-',
  token: `Command failed -:${line}\n`,
});

describe('InteractiveTool', () => {
  const tool = (argv: readonly [string, ...string[]], clock = new ManualClock()): InteractiveTool =>
    new InteractiveTool({ argv, endMarker: ipMarker, clock });

  it('tells each action its own complaint', async () => {
    await using ip = tool(['ip', '-force', '-batch', '-']);
    const answers = await Promise.all([
      ip.send(['link show dev lo']),
      ip.send(['link show dev kw-absent', 'link show dev lo']),
      ip.send([]),
      ip.send(['route get 127.0.0.1', 'link show dev kw-gone']),
    ]);
    expect(answers).toEqual(['', expect.stringContaining('kw-absent'), '', expect.stringContaining('kw-gone')]);
  });

  it('kills a tool that does not answer, and begins anew with the next action', async () => {
    const clock = new ManualClock();
    await using silent = tool(['cat'], clock);
    for (let round = 0; round < 2; round++) {
      const failed = expect(silent.send(['hello'])).rejects.toThrow('"cat" ended');
      await clock.waitForTimers();
      clock.advance(10_000);
      await failed;
    }
  });

  it('says which tool is missing', async () => {
    await using missing = tool(['kubewright-no-such-tool']);
    await expect(missing.send(['x'])).rejects.toThrow(ToolMissing);
  });
});
