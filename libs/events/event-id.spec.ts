import { eventIdFor, eventTime, firstIdFrom, newEventId } from './event-id.js';

const AT = new Date('2026-08-17T03:45:00.123Z');

describe('an event id', () => {
  it('is a UUIDv7 that begins with its time and is never made twice', () => {
    const ids = Array.from({ length: 10_000 }, () => newEventId(AT));
    expect(new Set(ids).size).toBe(10_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(eventTime(ids[0]!)).toEqual(AT);
  });

  it('is the same for the same happening, another for another key or time', () => {
    const id = eventIdFor(AT, 'edgar:1');
    expect(eventIdFor(new Date(AT), 'edgar:1')).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(eventTime(id)).toEqual(AT);
    expect(eventIdFor(AT, 'edgar:2')).not.toBe(id);
    expect(eventIdFor(new Date(AT.getTime() + 1), 'edgar:1')).not.toBe(id);
  });

  it('sorts as its time does', () => {
    const times = [0, 1, 255, 256, 1e9, Date.now(), Date.UTC(2999, 0)];
    const ids = times.map((ms) => newEventId(new Date(ms)));
    expect([...ids].sort()).toEqual(ids);
  });

  it.each([-1, Number.NaN, 2 ** 48])('has no time %d', (ms) => {
    expect(() => newEventId(new Date(ms))).toThrow(RangeError);
  });
});

describe('the first id from a time', () => {
  it('is at or below every id of that millisecond and above every earlier one', () => {
    const bound = firstIdFrom('2026-08-17T09:15:00.123+05:30');
    expect(bound <= newEventId(AT)).toBe(true);
    expect(bound > newEventId(new Date(AT.getTime() - 1))).toBe(true);
  });

  it('takes a bound between two milliseconds as the next one', () => {
    expect(eventTime(firstIdFrom('2026-08-17T03:45:00.123000Z'))).toEqual(AT);
    expect(eventTime(firstIdFrom('2026-08-17T03:45:00.122001Z'))).toEqual(AT);
    expect(eventTime(firstIdFrom('2026-08-17T03:45:00.12Z')).getUTCMilliseconds()).toBe(120);
  });

  it('is clamped to the times that ids can have', () => {
    expect(firstIdFrom('0001-01-01T00:00:00Z')).toBe('00000000-0000-0000-0000-000000000000');
    expect(eventTime(firstIdFrom('9999-12-31T23:59:59Z')).getUTCFullYear()).toBe(9999);
  });
});
