import { describe, expect, it } from 'vitest';
import { scheduleError } from '../../src/types/cron-schedule.ts';

describe('cron schedules', () => {
  it.each([
    '* * * * *',
    '*/5 0-6 1,15 jan-jun MON-FRI',
    '0 0 ? * 0',
    '@hourly',
    '@every 90s',
    'TZ=Europe/Berlin 0 6 * * *',
    'CRON_TZ=UTC 0 6 * * *',
  ])('%s is one', (schedule) => {
    expect(scheduleError(schedule)).toBeUndefined();
  });

  it.each([
    ['', 'expected exactly 5 fields, found 1'],
    ['* * * *', 'expected exactly 5 fields, found 4'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['a * * * *', 'failed to parse int from a'],
    ['@often', 'unrecognized descriptor: @often'],
    ['@every never', 'unrecognized descriptor: @every never'],
  ])('%s is none', (schedule, text) => {
    expect(scheduleError(schedule)).toContain(text);
  });
});
