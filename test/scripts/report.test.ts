/** What two attempts at a suite come to. */
import { describe, expect, it } from 'vitest';
import { failureLines, filesToRepeat, outcomeOf, type Attempt, type FileResult } from '../../scripts/suites/report.ts';

const test = (title: string, status: string, message?: string): FileResult['assertionResults'][number] => ({
  ancestorTitles: ['group'],
  title,
  status,
  failureMessages: message === undefined ? [] : [message],
});

function file(name: string, ...assertionResults: FileResult['assertionResults']): FileResult {
  const failed = assertionResults.some(({ status }) => status === 'failed');
  return { name: `/root/test/${name}.test.ts`, status: failed ? 'failed' : 'passed', message: '', assertionResults };
}

const attempt = (succeeded: boolean, ...testResults: readonly FileResult[]): Attempt => ({
  succeeded,
  report: { testResults },
});

const good = file('good', test('one', 'passed'), test('two', 'passed'));
const bad = file('bad', test('one', 'passed'), test('two', 'failed', 'not as wished'));
const mended = file('bad', test('one', 'passed'), test('two', 'passed'));
const unloadable: FileResult = { ...file('bad'), status: 'failed', message: 'no such module' };

describe('files that run once more', () => {
  it('are those that failed', () => {
    expect(filesToRepeat(attempt(true, good), '/root')).toBeUndefined();
    expect(filesToRepeat(attempt(false, good, bad), '/root')).toEqual(['test/bad.test.ts']);
  });

  it('are all when none is to blame, and none when too many are', () => {
    expect(filesToRepeat(attempt(false, good), '/root')).toEqual([]);
    expect(filesToRepeat({ succeeded: false }, '/root')).toEqual([]);
    const many = Array.from({ length: 40 }, (_, at) => file(`bad-${at}`, test('one', 'failed')));
    expect(filesToRepeat(attempt(false, ...many), '/root')).toBeUndefined();
  });
});

describe('the outcome', () => {
  it('of one attempt is what it says', () => {
    expect(outcomeOf([attempt(true, good)], '/root')).toEqual({ passed: 2, failures: [], unsteady: [] });
    expect(outcomeOf([attempt(false, good, bad)], '/root')).toEqual({
      passed: 3,
      failures: [{ where: 'test/bad.test.ts > group > two', message: 'not as wished' }],
      unsteady: [],
    });
  });

  it('counts what passed at the second attempt, and names it', () => {
    expect(outcomeOf([attempt(false, good, bad), attempt(true, mended)], '/root')).toEqual({
      passed: 4,
      failures: [],
      unsteady: [{ where: 'test/bad.test.ts > group > two', message: 'not as wished' }],
    });
  });

  it('leaves failed what failed twice, and names what failed only now', () => {
    const worse = file('bad', test('one', 'failed', 'now'), test('two', 'failed', 'again'));
    expect(outcomeOf([attempt(false, good, bad), attempt(false, worse)], '/root')).toEqual({
      passed: 3,
      failures: [{ where: 'test/bad.test.ts > group > two', message: 'not as wished' }],
      unsteady: [{ where: 'test/bad.test.ts > group > one', message: 'now' }],
    });
  });

  it('tells tests of one name apart', () => {
    const twins = file('twins', test('one', 'passed'), test('one', 'failed', 'the second'));
    const now = file('twins', test('one', 'failed', 'the first'), test('one', 'failed', 'the second'));
    const { passed, failures, unsteady } = outcomeOf([attempt(false, twins), attempt(false, now)], '/root');
    expect(passed).toBe(1);
    expect(failures.map(({ message }) => message)).toEqual(['the second']);
    expect(unsteady.map(({ message }) => message)).toEqual(['the first']);
  });

  it('counts a file that fails by itself as one failure, and its tests when it is loaded at last', () => {
    const failure = { where: 'test/bad.test.ts', message: 'no such module' };
    expect(outcomeOf([attempt(false, unloadable), attempt(false, unloadable)], '/root')).toEqual({
      passed: 0,
      failures: [failure],
      unsteady: [],
    });
    expect(outcomeOf([attempt(false, unloadable), attempt(true, mended)], '/root')).toEqual({
      passed: 2,
      failures: [],
      unsteady: [failure],
    });
  });

  it('counts a runner that fails by itself', () => {
    expect(outcomeOf([{ succeeded: false }], '/root').failures).toHaveLength(1);
    expect(outcomeOf([attempt(false, good), attempt(false, good)], '/root')).toMatchObject({
      passed: 2,
      failures: [{ where: 'the test runner' }],
    });
    expect(outcomeOf([{ succeeded: false }, attempt(true, good)], '/root')).toMatchObject({
      passed: 2,
      failures: [],
      unsteady: [{ where: 'the test runner' }],
    });
  });
});

describe('lines of failures', () => {
  const failure = { where: 'test/bad.test.ts > two', message: '\u001b[31mnot\u001b[39m as wished\n\n  at line 3' };

  it('name each with its message', () => {
    expect(failureLines('failed', [failure], 40)).toEqual([
      'failed: test/bad.test.ts > two',
      '    not as wished',
      '      at line 3',
    ]);
  });

  it('never become more than told, names before messages', () => {
    const message = Array.from({ length: 50 }, (_, at) => `line ${at}`).join('\n');
    for (const count of [1, 3, 15, 30, 40, 41, 500]) {
      const lines = failureLines(
        'failed',
        Array.from({ length: count }, () => ({ where: 'x'.repeat(999), message })),
        40,
      );
      expect(lines.length).toBeLessThanOrEqual(40);
      expect(lines.filter((line) => line.startsWith('failed: '))).toHaveLength(Math.min(count, 40));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(300);
    }
    expect(failureLines('failed', [], 40)).toEqual([]);
  });
});
