import { rowIds } from './row-ids.js';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the ids of rows', () => {
  it('are UUIDv7s that begin with the time', () => {
    const id = rowIds(() => Date.parse('2026-08-17T03:45:00.123Z'))();
    expect(id).toMatch(UUID7);
    expect(new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString()).toBe(
      '2026-08-17T03:45:00.123Z',
    );
  });

  it('ascend, more of them than a millisecond has, and while the clock goes back', () => {
    const times = [1_000, 1_000, 999, 1_001, 500];
    let asked = 0;
    const next = rowIds(() => times[Math.min(Math.floor(asked++ / 3_000), times.length - 1)]!);
    const ids = Array.from({ length: 20_000 }, next);
    expect(ids.every((id) => UUID7.test(id))).toBe(true);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are told apart by chance where two processes ask in one millisecond', () => {
    const [one, other] = [rowIds(() => 1_000), rowIds(() => 1_000)];
    const ids = Array.from({ length: 5_000 }, () => [one(), other()]).flat();
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids.map((id) => id.slice(19))).size).toBe(ids.length);
  });
});
