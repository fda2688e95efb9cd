import { jest } from '@jest/globals';
import { Temporal } from 'temporal-polyfill';
import { momentIn } from '#time';
import { dateFormatIssue, readByFormat } from './date-format.js';
import { quoteTime } from './quote-time.js';

const NOW = new Date('2026-11-25T12:00:00Z');
const INDIA = { timeZone: 'Asia/Kolkata' };
const read = (text: string, settings: object = {}) => {
  const time = quoteTime(text, { timeZone: 'UTC', ...settings }, NOW);
  return 'at' in time ? time.at.toISOString() : time.issue;
};

describe('the time of a quote', () => {
  it.each([
    ['1795538101', '2026-11-24T16:35:01.000Z'],
    ['1795608000123', '2026-11-25T12:00:00.123Z'],
    ['1795608000123456', '2026-11-25T12:00:00.123Z'],
    ['1795608000123456789', '2026-11-25T12:00:00.123Z'],
    ['/Date(1764060000000)/', '2025-11-25T08:40:00.000Z'],
    ['/Date(1764060000000+0530)/', '2025-11-25T08:40:00.000Z'],
    ['2026-11-24T22:00:11+05:30', '2026-11-24T16:30:11.000Z'],
    ['2026-11-24 22:00:11 UTC', '2026-11-24T22:00:11.000Z'],
    ['2026-11-24 22:00:11', '2026-11-24T22:00:11.000Z'],
    ['2026-11-25, 04:30:12 EST', '2026-11-25T09:30:12.000Z'],
    ['2026-11-24 22:00:11 Europe/Warsaw', '2026-11-24T21:00:11.000Z'],
    ['20261124 220011', '2026-11-24T22:00:11.000Z'],
    ['202611242200', '2026-11-24T22:00:00.000Z'],
  ])('a time is read by its length and form: %s', (text, is) => expect(read(text)).toBe(is));

  it('a time without a zone is of the zone of the source, whatever the zone of the server', () => {
    expect(read('2026-11-25 15:29:58', INDIA)).toBe('2026-11-25T09:59:58.000Z');
  });

  it('local times around a change of the clocks are those of the zone, and each hour is converted once', () => {
    const converted = jest.spyOn(Temporal.PlainDateTime.prototype, 'toZonedDateTime');
    const later = new Date('2027-01-01');
    const seen = new Map<string, string>();
    for (const [timeZone, day] of [
      ['America/New_York', '2026-11-01'],
      ['America/New_York', '2026-03-08'],
      ['Australia/Lord_Howe', '2026-04-05'],
    ] as const)
      for (let second = 0; second < 12 * 3_600; second += 7) {
        const time = new Date(second * 1_000).toISOString().slice(11, 19);
        const read = quoteTime(`${day} ${time}`, { timeZone }, later);
        seen.set(`${timeZone} ${day} ${time}`, 'at' in read ? read.at.toISOString() : read.issue);
      }
    const conversions = converted.mock.calls.length;
    converted.mockRestore();
    for (const [text, at] of [...seen].filter((_, index) => index % 31 === 0)) {
      const [timeZone, day, time] = text.split(' ') as [string, string, string];
      const minute = momentIn(timeZone, day, time.slice(0, 5))!.getTime();
      expect([text, at]).toEqual([text, new Date(minute + Number(time.slice(6)) * 1_000).toISOString()]);
    }
    // Two for an hour. In the hours of two of the changes the clocks do not go on evenly, and each time is converted.
    expect(seen.size).toBeGreaterThan(18_000);
    expect(conversions).toBeLessThan(1_200);
  });

  it('a day alone is the close of that day, and of now if the day has not closed', () => {
    expect(read('2026-11-24', { ...INDIA, closesAt: '15:30' })).toBe('2026-11-24T10:00:00.000Z');
    expect(read('20261124')).toBe('2026-11-24T23:59:59.000Z');
    expect(read('2026-11-25', { closesAt: '16:00' })).toBe(NOW.toISOString());
    expect(read('2026-11-26', { closesAt: '16:00' })).toBe('2026-11-26T16:00:00.000Z');
  });

  it('a date that begins with the day or the month is refused until its format is named', () => {
    expect(read('11/5/2019 9:31')).toMatch(/may begin with the day or the month: set dateFormat/);
    expect(read('13.11.2019')).toMatch(/set dateFormat/);
    expect(read('11/5/2019 9:31', { dateFormat: 'M/D/YYYY' })).toBe('2019-11-05T09:31:00.000Z');
    expect(read('11/5/2019 9:31', { dateFormat: 'D/M/YYYY' })).toBe('2019-05-11T09:31:00.000Z');
    expect(read('05-Nov-19 03:31 PM', { dateFormat: 'DD-MMM-YY HH:mm A' })).toBe('2019-11-05T15:31:00.000Z');
  });

  it.each([
    '2026-11-25 15:29:58 IST',
    '2026-11-24 22:00:11 Europe/Nowhere',
    '2026-02-30',
    '2026-11-24 25:00:00',
    '2026-11-24 22:00:75',
    'yesterday',
    '22:00:11',
    '-',
    '/Date(9999999999999999)/',
  ])('a text that is no time is refused: %s', (text) => expect(read(text)).toMatch(/cannot be read/));
});

describe('a date format', () => {
  it.each([
    ['DD/MM/YYYY QQ', /the letters "QQ" mean nothing/],
    ['YYYY-MM', /it needs a day/],
    ['YYYY-MM-DDTHH:mmZ', /it has a zone/],
    ['YYYY-MM-DD DD', /it has D twice/],
    ['YYYY-MM-DD mm', /no hour/],
  ])('a date format that cannot be meant is refused when it is set: %s', (format, issue) => {
    expect(dateFormatIssue(format)).toMatch(issue);
  });

  it('a date format reads only what fits it', () => {
    expect(dateFormatIssue('DD.MM.YYYY HH:mm:ss')).toBeUndefined();
    expect(readByFormat('DD.MM.YYYY HH:mm:ss', '05.11.2019 09:31:07')).toEqual({ day: '2019-11-05', time: '09:31:07' });
    expect(readByFormat('DD.MM.YYYY', '05x11x2019')).toBeUndefined();
    expect(readByFormat('DD-MMM-YYYY', '05-XXX-2019')).toBeUndefined();
  });
});
