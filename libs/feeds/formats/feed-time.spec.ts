import fc from 'fast-check';
import { feedTime } from './feed-time.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const india = { timeZone: 'Asia/Kolkata', dateOrder: undefined, now: NOW };
const iso = (found: Date | string) => (typeof found === 'string' ? found : found.toISOString());

describe('the time of an entry', () => {
  it.each([
    '25-Nov-2025 18:30:15',
    'Tue, 25 Nov 2025 18:30:15',
    'Tue,25 Nov 2025 18:30:15 IST',
    'Tue, 25 Nov 2025 18:30:15 +0530',
    'Tue, 25 Nov 2025 18:30:15 GMT+5:30',
    'Tue Nov 25 2025 18:30:15 GMT+0530 (India Standard Time)',
    'Tue, 25 Nov 25 18:30:15 +05:30',
    'mar., 25 Nov 2025 13:00:15 GMT',
    'Tue, 25 November 2025 08:00:15 EST',
    'Tue Nov 25 18:30:15 2025',
    'Tue Nov 25 13:00:15 UTC 2025',
    'November 25th, 2025 6:30:15 PM',
    'Nov 25, 2025, 6:30:15 p.m.',
    '2025-11-25T18:30:15',
    '2025-11-25 18:30:15.000',
    '2025-11-25T13:00:15.000000Z',
    '2025-11-25T18:30:15+05:30[Asia/Kolkata]',
    '20251125T183015',
    '2025/11/25 18:30:15',
    '25/11/2025 18:30:15',
    '25.11.2025 18:30:15',
    '25. November 2025, 18:30:15 Uhr',
    '1764075615',
    '1764075615000',
    '/Date(1764075615000)/',
  ])('the time %s of an Indian source is 13:00:15 in UTC', (text) => {
    expect(iso(feedTime(text, india))).toBe('2025-11-25T13:00:15.000Z');
  });

  it.each([
    ['25. Dezember 2025', '2025-12-24T18:30:00.000Z'],
    ['10 juil. 2025', '2025-07-09T18:30:00.000Z'],
    ['10 juin 2025', '2025-06-09T18:30:00.000Z'],
    ['1 out 2025', '2025-09-30T18:30:00.000Z'],
  ])('the day %s alone begins at %s in India', (text, expected) => {
    expect(iso(feedTime(text, india))).toBe(expected);
  });

  it.each([
    ['IST', 'Asia/Jerusalem', '16:30:15'],
    ['IST', 'UTC', '13:00:15'],
    ['CST', 'Asia/Shanghai', '10:30:15'],
    ['CST', 'UTC', '00:30:15'],
    ['ET', 'UTC', '23:30:15'],
  ])('the letters %s of a source in %s give %s in UTC', (zone, timeZone, time) => {
    const found = feedTime(`Tue, 25 Nov 2025 18:30:15 ${zone}`, { ...india, timeZone });
    expect(iso(found)).toContain(`T${time}.000Z`);
  });

  it.each([
    ['day-first', '2025-11-05T13:00:00.000Z'],
    ['month-first', '2025-05-11T13:00:00.000Z'],
    [undefined, 'the date "05/11/2025 18:30" may be day-first or month-first; settings.dateOrder decides'],
  ] as const)('05/11/2025 is read in the order %s of its source and never guessed', (dateOrder, expected) => {
    expect(iso(feedTime('05/11/2025 18:30', { ...india, dateOrder }))).toBe(expected);
  });

  it.each([
    ['Mon, 01 Jan 0001 00:00:00 GMT', 'is a placeholder'],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 'is a placeholder'],
    ['1969-12-31T16:00:00-08:00', 'is a placeholder'],
    ['Fri, 31 Dec 2099 00:00:00 GMT', 'lies more than a year ahead'],
    ['Tue, 30 Feb 2025 10:00:00 GMT', 'does not exist'],
    ['2025-02-29', 'does not exist'],
    ['2025-13-01T00:00:00Z', 'does not exist'],
    ['Tue, 25 Nov 2025 25:00:00 GMT', 'does not exist'],
    ['Tue, 25 Nov 2025 13:30 PM', 'does not exist'],
    ['2025-11-25T10:61:00', 'does not exist'],
    ['Tue, 25 Nov 2025 18:30:15 XYZ', 'time zone'],
    ['Tue, 25 Nov 2025 18:30:15 +9900', 'time zone'],
    ['yesterday', 'cannot be read'],
    ['', 'cannot be read'],
    ['1'.repeat(500), 'is too long'],
  ])('%s is not a time, and the reason says why', (text, reason) => {
    expect(iso(feedTime(text, india))).toContain(reason);
  });

  it('the time of an entry does not depend on the time zone of the server', () => {
    const before = process.env['TZ'];
    const found = ['UTC', 'America/New_York', 'Asia/Tokyo'].map((zone) => {
      process.env['TZ'] = zone;
      return [
        ...[new Date(2025, 10, 25).getTimezoneOffset(), iso(feedTime('25-Nov-2025 18:30:15', india))],
        iso(feedTime('2025-11-25', india)),
      ];
    });
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
    // The setting has an effect in this process, and none on the result.
    expect(new Set(found.map(([offset]) => offset)).size).toBe(3);
    expect(new Set(found.map(([, ...times]) => times.join())).size).toBe(1);
  });

  it('any text is a time of the years 1970 to next year, or has a reason', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('25', 'Nov', '2025', '18:30', ':', '-', '/', 'GMT', '+0530', ' ', 'PM'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const found = feedTime(parts.join(''), india);
        if (typeof found === 'string') expect(found).toMatch(/^the (?:date|time zone)/);
        else expect(found.getTime()).toBeLessThanOrEqual(NOW.getTime() + 366 * 86_400_000);
      }),
    );
  });

  it('a time is the same in each form in which a publisher may write it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200_000_000, max: 1_795_000_000 }),
        fc.integer({ min: -47, max: 55 }),
        (seconds, quarters) => {
          const at = new Date(seconds * 1_000);
          const local = new Date(at.getTime() + quarters * 15 * 60_000).toISOString().slice(0, 19);
          const minutes = Math.abs(quarters) * 15;
          const offset = `${quarters < 0 ? '-' : '+'}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
          for (const text of [
            at.toISOString(),
            at.toUTCString(),
            local + offset,
            `${local.replace('T', ' ')} ${offset.replace(':', '')}`,
          ])
            expect(iso(feedTime(text, india))).toBe(at.toISOString());
        },
      ),
    );
  });
});
