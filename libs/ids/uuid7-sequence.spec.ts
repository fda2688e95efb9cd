import { uuid7Sequence } from './uuid7-sequence.js';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a sequence of UUIDv7s', () => {
  it('begins each id with the time', () => {
    const id = uuid7Sequence(() => Date.parse('2026-08-17T03:45:00.123Z'))();
    expect(id).toMatch(UUID7);
    expect(new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString()).toBe(
      '2026-08-17T03:45:00.123Z',
    );
  });

  it('ascends past 4,096 ids in one millisecond and while the clock goes back', () => {
    const times = [1_000, 1_000, 999, 1_001, 500];
    let asked = 0;
    const next = uuid7Sequence(() => times[Math.min(Math.floor(asked++ / 3_000), times.length - 1)]!);
    const ids = Array.from({ length: 20_000 }, next);
    expect(ids.every((id) => UUID7.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('shares no id with the sequence of another process in the same millisecond', () => {
    const [one, other] = [uuid7Sequence(() => 1_000), uuid7Sequence(() => 1_000)];
    const ids = Array.from({ length: 5_000 }, () => [one(), other()]).flat();
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id) => id.slice(19))).size).toBe(ids.length);
  });
});
