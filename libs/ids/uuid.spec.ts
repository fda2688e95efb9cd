import { uuid8, timeOfUuid, firstUuidFrom, uuid7 } from './uuid.js';

const AT = new Date('2026-08-17T03:45:00.123Z');

describe('a UUID with a time', () => {
  it('a UUID with a time is a UUIDv7 that begins with its time, and 10,000 of one moment differ', () => {
    const ids = Array.from({ length: 10_000 }, () => uuid7(AT));
    expect(new Set(ids).size).toBe(10_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOfUuid(ids[0]!)).toEqual(AT);
  });

  it('made of a time and a key is the same each time, and differs with another key or time', () => {
    const id = uuid8(AT, 'edgar:1');
    expect(uuid8(new Date(AT), 'edgar:1')).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOfUuid(id)).toEqual(AT);
    expect(uuid8(AT, 'edgar:2')).not.toBe(id);
    expect(uuid8(new Date(AT.getTime() + 1), 'edgar:1')).not.toBe(id);
  });

  it('sorts by its time', () => {
    const times = [0, 1, 255, 256, 1e9, Date.now(), Date.UTC(2999, 0)];
    const ids = times.map((ms) => uuid7(new Date(ms)));
    expect([...ids].sort()).toEqual(ids);
  });

  it.each([-1, Number.NaN, 2 ** 48])('cannot have the time %d', (ms) => {
    expect(() => uuid7(new Date(ms))).toThrow(RangeError);
  });
});

describe('the first UUID from a time', () => {
  it('the first UUID from a time is at or below every id of that millisecond and above every earlier one', () => {
    const bound = firstUuidFrom('2026-08-17T09:15:00.123+05:30');
    expect(bound <= uuid7(AT)).toBe(true);
    expect(bound > uuid7(new Date(AT.getTime() - 1))).toBe(true);
  });

  it('rounds a bound between two milliseconds up', () => {
    expect(timeOfUuid(firstUuidFrom('2026-08-17T03:45:00.123000Z'))).toEqual(AT);
    expect(timeOfUuid(firstUuidFrom('2026-08-17T03:45:00.122001Z'))).toEqual(AT);
    expect(timeOfUuid(firstUuidFrom('2026-08-17T03:45:00.12Z')).getUTCMilliseconds()).toBe(120);
  });

  it('the first UUID from a time is clamped to the times that UUIDs can hold', () => {
    expect(firstUuidFrom('0001-01-01T00:00:00Z')).toBe('00000000-0000-0000-0000-000000000000');
    expect(timeOfUuid(firstUuidFrom('9999-12-31T23:59:59Z')).getUTCFullYear()).toBe(9999);
  });
});
