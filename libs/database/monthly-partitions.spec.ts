import { monthsAround } from './monthly-partitions.js';

describe('the months around a moment', () => {
  it('the months around a moment are the previous one, the current one and the next three, in UTC and without a gap', () => {
    const months = monthsAround(new Date('2026-12-31T23:59:59.999Z'), { table: 't', column: 'at', key: 'timestamptz' });
    expect(months.map((month) => month.name)).toEqual([
      't_2026_11',
      't_2026_12',
      't_2027_01',
      't_2027_02',
      't_2027_03',
    ]);
    expect(months[0]!.from).toBe('2026-11-01T00:00:00.000Z');
    for (const [index, month] of months.slice(1).entries()) expect(month.from).toBe(months[index]!.to);
  });

  it('the months around a moment are bounded by ids that begin with their time', () => {
    const [month] = monthsAround(new Date('2026-11-23T00:00:00Z'), {
      table: 't',
      column: 'id',
      key: 'uuid',
      before: 0,
      after: 0,
    });
    expect(month).toEqual({
      name: 't_2026_11',
      from: '01a19467-e800-0000-0000-000000000000',
      to: '01a22ee6-b000-0000-0000-000000000000',
    });
  });
});
