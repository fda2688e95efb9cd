import fc from 'fast-check';
import { PositionTotals } from './position-totals.js';

const amount = fc.option(
  fc
    .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 1, max: 9 }))
    .map(([whole, part]) => `${whole}.${part}`),
  { freq: 8 },
);
const row = fc.record({
  currency: fc.constantFrom('USD', 'GBP', 'GBX', 'JPY'),
  value: amount,
  unrealised: amount,
  dayPnl: amount,
});

describe('totals of positions', () => {
  it('join minor units with their currency, and are null with the rest beside them if a position is unknown', () => {
    const totals = PositionTotals.EMPTY.moved(
      [],
      [
        { currency: 'GBX', value: '150', unrealised: '-50', dayPnl: '1' },
        { currency: 'GBP', value: '2.25', unrealised: '0.5', dayPnl: null },
        { currency: 'EUR', value: '1', unrealised: null, dayPnl: '0' },
      ],
    );
    expect(totals.shown).toEqual([
      {
        ...{ currency: 'EUR', positions: 1, value: '1', unrealised: null, dayPnl: '0' },
        known: { value: '1', unrealised: '0', dayPnl: '0' },
      },
      {
        ...{ currency: 'GBP', positions: 2, value: '3.75', unrealised: '0', dayPnl: null },
        known: { value: '3.75', unrealised: '0', dayPnl: '0.01' },
      },
    ]);
  });

  it('moved by changed rows are those of the rows that are left, to the last digit', () => {
    fc.assert(
      fc.property(fc.array(row), fc.array(row), fc.nat(), (before, added, cut) => {
        const removed = before.slice(0, cut % (before.length + 1));
        const moved = PositionTotals.EMPTY.moved([], before).moved(removed, added);
        const left = [...before.slice(removed.length), ...added];
        expect(moved.shown).toEqual(PositionTotals.EMPTY.moved([], left).shown);
      }),
    );
  });
});
