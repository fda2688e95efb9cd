import { jest } from '@jest/globals';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { dayIn, daysAfter, localTimeIn, momentIn, momentsIn, timeZoneName } from './time-zones.js';

const NEW_YORK = 'America/New_York';
const iso = (moment: Date | undefined) => moment?.toISOString();

describe('the moment of a local time', () => {
  it.each([
    [NEW_YORK, '2026-09-24', '19:50', '2026-09-24T23:50:00.000Z'],
    [NEW_YORK, '2026-12-24', '19:50:30', '2026-12-25T00:50:30.000Z'],
    ['Asia/Kolkata', '2026-06-08', '15:45:56.250', '2026-06-08T10:15:56.250Z'],
    ['UTC', '1969-12-31', '23:59', '1969-12-31T23:59:00.000Z'],
  ])('the moment of the local time in %s on %s at %s is %s', (timeZone, day, time, moment) => {
    expect(iso(momentIn(timeZone, day, time))).toBe(moment);
  });

  it.each([
    [NEW_YORK, '2026-11-01', '01:30', ['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z']],
    ['Europe/London', '2026-10-25', '01:30', ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']],
    ['Australia/Lord_Howe', '2026-04-05', '01:45', ['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z']],
  ])(
    'the moment of the local time in %s on %s at %s, which occurs twice, is the first one',
    (timeZone, day, time, moments) => {
      expect(iso(momentIn(timeZone, day, time))).toBe(moments[0]);
      const [hours, minutes] = time.split(':').map(Number);
      expect(momentsIn(timeZone, day, hours! * 60 + minutes!).map(iso)).toEqual(moments);
    },
  );

  it.each([
    [NEW_YORK, '2026-03-08', '02:30', '2026-03-08T07:00:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04', '02:15', '2026-10-03T15:30:00.000Z'],
    ['Pacific/Apia', '2011-12-30', '12:00', '2011-12-30T10:00:00.000Z'],
  ])(
    'the moment of the local time in %s on %s at %s, which is skipped, is the moment of the change',
    (timeZone, day, time, moment) => {
      expect(iso(momentIn(timeZone, day, time))).toBe(moment);
      const [hours, minutes] = time.split(':').map(Number);
      expect(momentsIn(timeZone, day, hours! * 60 + minutes!).map(iso)).toEqual([moment]);
    },
  );

  it('the moment of a local time may be given in minutes outside of the day', () => {
    expect(momentsIn('Asia/Kolkata', '2026-08-31', 24 * 60 + 30).map(iso)).toEqual(['2026-08-31T19:00:00.000Z']);
    expect(momentsIn('Asia/Kolkata', '2026-08-31', -30).map(iso)).toEqual(['2026-08-30T18:00:00.000Z']);
  });

  it('the moment of a local time is undefined for a day or time that does not exist, and an error in an unknown time zone', () => {
    expect([momentIn('UTC', '2026-02-30', '10:00'), momentIn('UTC', '2026-02-28', '24:61')]).toEqual([
      ...[undefined, undefined],
    ]);
    expect(() => momentIn('Mars/Olympus', '2026-02-28', '10:00')).toThrow(RangeError);
  });
});

describe('times near to and far from a change of the clocks', () => {
  const zones = [
    'UTC',
    NEW_YORK,
    'Asia/Kolkata',
    'Europe/London',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Asia/Tehran',
  ];

  it('times are the same as those of Temporal, in all zones and years', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 4_102_444_800_000 }), (timeZone, ms) => {
        const shown = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone);
        const day = shown.toPlainDate().toString();
        expect(dayIn(timeZone, new Date(ms))).toBe(day);
        expect(localTimeIn(timeZone, new Date(ms))).toEqual({
          ...{ day, minutes: shown.hour * 60 + shown.minute, weekday: shown.dayOfWeek % 7 },
        });
        const time = shown.toPlainTime().toString().slice(0, 5);
        const asShown = shown.toPlainDateTime().toString().slice(0, 16);
        const first = Temporal.PlainDateTime.from(asShown).toZonedDateTime(timeZone, { disambiguation: 'earlier' });
        expect(momentIn(timeZone, day, time)!.getTime()).toBe(first.epochMilliseconds);
        const days = (ms % 801) - 400;
        expect(daysAfter(day, days)).toBe(shown.toPlainDate().add({ days }).toString());
      }),
      { numRuns: 2_000 },
    );
  });

  it('twenty years of days in a time zone ask Temporal for few of them: those near a change of the clocks', () => {
    const converted = jest.spyOn(Temporal.PlainDateTime.prototype, 'toZonedDateTime');
    const shown = jest.spyOn(Temporal.Instant.prototype, 'toZonedDateTimeISO');
    for (let n = 0; n < 20 * 365; n++) momentIn('America/Denver', daysAfter('2006-01-01', n), '17:00');
    const calls = converted.mock.calls.length + shown.mock.calls.length;
    converted.mockRestore();
    shown.mockRestore();
    // 40 changes: each is a span to look up, with some days before and after it.
    expect(calls).toBeLessThan(40 * 8);
  });

  it('each minute around a change of the clocks is the same as that of Temporal', () => {
    for (const change of ['2026-03-08T07:00:00Z', '2026-11-01T06:00:00Z'].map(Date.parse))
      for (let minute = -200; minute <= 200; minute++) {
        const ms = change + minute * 60_000;
        const shown = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(NEW_YORK);
        expect(localTimeIn(NEW_YORK, new Date(ms)).minutes).toBe(shown.hour * 60 + shown.minute);
      }
  });
});

describe('the local time of a moment', () => {
  it('the local time of a moment is of the time zone: day, minutes and weekday', () => {
    const moment = new Date('2026-08-22T18:29:59.999Z');
    expect(localTimeIn('Asia/Kolkata', moment)).toEqual({ day: '2026-08-22', minutes: 23 * 60 + 59, weekday: 6 });
    expect(localTimeIn('Asia/Kathmandu', moment)).toEqual({ day: '2026-08-23', minutes: 14, weekday: 0 });
    expect([dayIn(NEW_YORK, moment), dayIn('Asia/Tokyo', moment)]).toEqual(['2026-08-22', '2026-08-23']);
  });
});

describe('a day', () => {
  it('a day follows another over months, years and leap days', () => {
    expect([daysAfter('2028-02-28', 1), daysAfter('2026-12-31', 1), daysAfter('2026-03-01', -1)]).toEqual([
      ...['2028-02-29', '2027-01-01', '2026-02-28'],
    ]);
  });
});

describe('the name of a time zone', () => {
  it.each(['Asia/Kolkata', 'America/New_York', 'UTC'])('may be %s', (name) => {
    expect(timeZoneName.parse(name)).toBe(name);
  });

  it.each(['', 'Mars/Olympus', '2026-08-17T00:00Z', 'x'.repeat(65), 5])('may not be %j', (name) => {
    expect(timeZoneName.safeParse(name).error?.issues[0]?.message).toBe('a time zone such as "Asia/Kolkata"');
  });
});
