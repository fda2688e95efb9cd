import { Decimal } from '#decimal';
import { Amount } from '../valuation/amount.js';
import { MovedPosition } from '../valuation/moved-position.js';
import type { ValuedPosition } from '../valuation/position.js';
import { positionItem, PositionRow } from './position-row.js';

const amount = (text: string) => Amount.of(Decimal.parse(text));
const position = (more: Partial<ValuedPosition> = {}): ValuedPosition => ({
  ...{ key: 'NSE_EQ|"A\\B" é', leg: '', currency: 'INR', unit: { major: 'INR', factor: Decimal.of(1n) } },
  ...{ quantity: amount('10'), size: Decimal.of(10n), averagePrice: amount('99.50'), price: amount('100.10') },
  ...{
    previousClose: null,
    value: amount('1001'),
    unrealised: amount('6'),
    dayPnl: amount('1'),
    exposure: amount('1001'),
  },
  ...{ moved: amount('0'), dayBasis: 'overnight', closeBasis: 'given', sessionDay: '2026-11-25', snapshotAgeDays: 0 },
  ...{ pricedAt: '2026-11-25T09:30:00.000000Z', quotedAt: null, decimals: { value: 2, dayPnl: 0 }, reconciliation: {} },
  incomplete: [{ position: 'K', field: 'dayPnl', reason: 'previous_close_rolled' }],
  ...more,
});
const worth = { row: { portfolioId: 'p/1', userId: '0199c1a0-5d2e-7b1c-8d3e-0c5a4e8f1a01', broker: 'made' } } as never;
const rowOf = (of: ValuedPosition) => PositionRow.of(worth, of, new Map());
const later = '2026-11-25T09:31:00.000000Z';

describe('the row of a position', () => {
  it('writes the text that JSON.stringify gives, also with null figures and signs in names', () => {
    for (const each of [position(), position({ value: null, dayPnl: null, averagePrice: null, incomplete: [] })]) {
      const row = rowOf(each);
      expect(row.text).toBe(JSON.stringify(row));
      expect(positionItem.parse(row)).toEqual({ ...row });
    }
  });

  it('after a quote is the row that the moved position has, text included', () => {
    const before = position();
    const moved = new MovedPosition(before, false, Decimal.parse('100.20'), later, Decimal.parse('1.00'));
    const row = rowOf(before);
    // The text of before is made, and so are the parts that both share.
    expect(row.text).toContain('"value":"1001.00"');
    const next = row.movedTo(moved);
    expect(next).toEqual(rowOf(moved));
    expect([next.text, row.text]).toEqual([JSON.stringify(next), JSON.stringify(row)]);
    expect(next).toMatchObject({
      ...{
        price: '100.2',
        pricedAt: '2026-11-25T09:31:00.000Z',
        value: '1002.00',
        unrealised: '7',
        dayPnl: '2',
        exposure: '1002',
      },
    });
  });

  it('of a memo position moves by its price and unrealised profit only', () => {
    const memo = position({ value: amount('0'), dayPnl: amount('0'), exposure: amount('0') });
    const row = rowOf(new MovedPosition(memo, true, Decimal.parse('101'), later, Decimal.parse('9')));
    expect(row).toMatchObject({ value: '0.00', unrealised: '15', dayPnl: '0', exposure: '0', price: '101' });
  });
});
