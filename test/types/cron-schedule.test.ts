import { describe, expect, it } from 'vitest';
import { parseSchedule, scheduleError } from '../../src/types/cron-schedule.ts';
import { isTimeZone, TimeZone } from '../../src/types/time-zone.ts';

describe('cron schedules', () => {
  it.each([
    '* * * * *',
    '*/5 0-6 1,15 jan-jun MON-FRI',
    '0 0 ? * 0',
    '0/15 8-18/2 * * *',
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
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['a * * * *', 'failed to parse int from a'],
    ['0 0 L * *', 'failed to parse int from L'],
    ['0 0 * * 1#2', 'failed to parse int from 1#2'],
    ['@often', 'unrecognized descriptor: @often'],
    ['@reboot', 'unrecognized descriptor: @reboot'],
    ['@every never', 'unrecognized descriptor: @every never'],
    ['@constructor', 'unrecognized descriptor: @constructor'],
  ])('%s is none', (schedule, text) => {
    expect(scheduleError(schedule)).toContain(text);
  });
});

/** The next occurrences, as texts of the zone. */
function occurrences(schedule: string, after: string, count: number, zone = 'UTC'): readonly (string | undefined)[] {
  const parsed = parseSchedule(schedule, zone);
  if (typeof parsed === 'string') throw new Error(parsed);
  const texts: (string | undefined)[] = [];
  let time: Date | undefined = new Date(after);
  for (let i = 0; i < count && time; i += 1) {
    time = parsed.next(time);
    texts.push(time && new TimeZone(zone).text(time));
  }
  return texts;
}

describe('the next occurrence', () => {
  it.each([
    // As robfig/cron's own table has them.
    ['0/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:00:00Z'],
    ['0/15 * * * *', '2012-07-09T14:59:59Z', '2012-07-09T15:00:00Z'],
    ['20-35/15 * * * *', '2012-07-09T15:45:00Z', '2012-07-09T16:20:00Z'],
    ['0 0 9 apr-oct ?', '2012-07-09T23:35:00Z', '2012-08-09T00:00:00Z'],
    ['0 0 */5 apr,aug,oct mon', '2012-07-09T23:35:00Z', '2012-08-01T00:00:00Z'],
    ['0 0 */5 oct mon', '2012-07-09T23:35:00Z', '2012-10-01T00:00:00Z'],
    ['0 0 29 feb ?', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
    ['0 0 31 dec ?', '2012-12-31T00:00:00Z', '2013-12-31T00:00:00Z'],
    // Both days restricted mean either; a star with a step restricts.
    ['0 0 13 * fri', '2026-02-01T00:00:00Z', '2026-02-06T00:00:00Z'],
    ['0 0 * * fri', '2026-02-01T00:00:00Z', '2026-02-06T00:00:00Z'],
    ['0 0 */10 * fri', '2026-02-02T00:00:00Z', '2026-02-06T00:00:00Z'],
    ['@weekly', '2026-02-02T10:00:00Z', '2026-02-08T00:00:00Z'],
    ['@yearly', '2026-02-02T10:00:00Z', '2027-01-01T00:00:00Z'],
    ['@every 1h30m', '2026-02-02T10:00:00.7Z', '2026-02-02T11:30:00Z'],
    ['@every 10ms', '2026-02-02T10:00:00.7Z', '2026-02-02T10:00:01Z'],
  ])('of %s after %s is %s', (schedule, after, next) => {
    expect(occurrences(schedule, after, 1)).toEqual([next]);
  });

  it.each(['0 0 30 feb ?', '0 0 31 apr ?', '0 0 31 2 *'])('of %s never comes', (schedule) => {
    expect(occurrences(schedule, '2026-01-01T00:00:00Z', 1)).toEqual([undefined]);
  });

  it('is by the time zone', () => {
    expect(occurrences('30 6 * * 1', '2026-01-01T00:00:00Z', 2, 'Asia/Kolkata')).toEqual([
      '2026-01-05T06:30:00+05:30',
      '2026-01-12T06:30:00+05:30',
    ]);
  });

  it('leaves out a local time that daylight saving skips', () => {
    expect(occurrences('30 2 * * *', '2012-03-10T12:00:00Z', 2, 'America/New_York')).toEqual([
      '2012-03-12T02:30:00-04:00',
      '2012-03-13T02:30:00-04:00',
    ]);
    expect(occurrences('0 * * * *', '2012-03-11T06:00:00Z', 2, 'America/New_York')).toEqual([
      '2012-03-11T03:00:00-04:00',
      '2012-03-11T04:00:00-04:00',
    ]);
  });

  it('comes twice at a local time that daylight saving repeats', () => {
    expect(occurrences('30 1 * * *', '2012-11-04T04:00:00Z', 3, 'America/New_York')).toEqual([
      '2012-11-04T01:30:00-04:00',
      '2012-11-04T01:30:00-05:00',
      '2012-11-05T01:30:00-05:00',
    ]);
    expect(occurrences('0 */3 * * *', '2012-11-04T04:00:00Z', 2, 'America/New_York')).toEqual([
      '2012-11-04T03:00:00-05:00',
      '2012-11-04T06:00:00-05:00',
    ]);
  });

  it('is on the day even where it has no midnight', () => {
    expect(occurrences('0 0 9 10 *', '2018-01-01T00:00:00Z', 1, 'Asia/Amman')).toEqual(['2018-10-09T00:00:00+03:00']);
    expect(occurrences('0 0 4 * *', '2018-10-05T00:00:00Z', 2, 'America/Sao_Paulo')).toEqual([
      '2018-12-04T00:00:00-02:00',
      '2019-01-04T00:00:00-02:00',
    ]);
    expect(occurrences('30 1 4 * *', '2018-10-05T00:00:00Z', 1, 'America/Sao_Paulo')).toEqual([
      '2018-11-04T01:30:00-02:00',
    ]);
    expect(occurrences('15 0 18 * *', '2018-02-17T00:00:00Z', 1, 'America/Sao_Paulo')).toEqual([
      '2018-02-18T00:15:00-03:00',
    ]);
  });
});

describe('time zones', () => {
  it.each(['UTC', 'Etc/UTC', 'Europe/Berlin', 'Asia/Calcutta', 'America/Argentina/Ushuaia'])('%s is one', (name) => {
    expect(isTimeZone(name)).toBe(true);
  });

  it.each(['', 'Local', 'Berlin', 'europe/berlin', '+01:00', 'UTC+1', '../etc/passwd'])('%s is none', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});
