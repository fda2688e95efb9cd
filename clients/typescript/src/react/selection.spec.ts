import { selection } from './selection.js';

describe('the selected part of a panel', () => {
  it('an equal part keeps its identity although the selector builds a new one', () => {
    const take = selection<{ rows: number[]; total: number }, unknown>();
    const first = take({ rows: [1], total: 2 }, ({ total }) => ({ total, list: undefined }));
    expect(take({ rows: [9], total: 2 }, ({ total }) => ({ total, list: undefined }))).toBe(first);
    expect(take({ rows: [9], total: 3 }, ({ total }) => ({ total, list: undefined }))).not.toBe(first);
  });

  it('a selector runs once for one value', () => {
    const take = selection<{ total: number }, unknown>();
    let runs = 0;
    const select = ({ total }: { total: number }) => (runs++, [total]);
    const value = { total: 1 };
    expect(take(value, select)).toBe(take(value, select));
    expect(runs).toBe(1);
  });

  it('objects, lists and plain values that differ are different parts', () => {
    const take = selection<unknown, unknown>();
    for (const [one, other] of [
      [{ a: 1 }, { a: 2 }],
      [{ a: 1 }, { b: 1 }],
      [{ a: 1 }, { a: 1, b: 1 }],
      [[1], [1, 2]],
      [[1], { 0: 1 }],
      [null, {}],
      ['1', 1],
    ])
      expect([take(one), take(other)]).toEqual([one, other]);
  });
});
