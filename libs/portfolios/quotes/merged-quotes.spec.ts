import { mergeQuotes } from './merged-quotes.js';
import type { Quote } from './quote.dto.js';

const at = (minute: number, second = 0) =>
  `2026-11-25T09:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000000Z`;
const quote = (key: string, price: string, asOf: string, more: Partial<Quote> = {}): Quote => ({
  broker: 'zerodha',
  key,
  price,
  asOf,
  ...more,
});
const shown = (batches: Quote[][]) => {
  const { newest, marks } = mergeQuotes(batches);
  return [
    newest.map(({ key, price, batch }) => `${key} ${price} of ${batch}`),
    marks.map(({ key, price }) => `${key} ${price}`),
  ];
};

describe('quotes that are written together', () => {
  it('leave the newest of each key, in the order of broker and key', () => {
    expect(
      shown([
        [quote('B', '1', at(1)), quote('A', '2', at(2))],
        [quote('A', '3', at(3)), quote('A', '4', at(1)), quote('C', '5', at(1), { broker: 'angel' })],
      ]),
    ).toEqual([['C 5 of 1', 'A 3 of 1', 'B 1 of 0'], []]);
  });

  it('of one time leave the last of a request and the first of several requests', () => {
    expect(shown([[quote('A', '1', at(1)), quote('A', '2', at(1))], [quote('A', '3', at(1))]])).toEqual([
      ['A 2 of 0'],
      [],
    ]);
  });

  it('leave the last of each earlier half hour as marks, in any order', () => {
    const quotes = [
      quote('A', '1', '2026-11-25T08:59:59.000000Z'),
      quote('A', '2', at(10)),
      quote('A', '3', at(29, 59)),
      quote('A', '4', at(30)),
      quote('A', '5', at(45)),
    ];
    for (const order of [quotes, quotes.toReversed(), [2, 4, 0, 3, 1].map((index) => quotes[index]!)]) {
      const [newest, marks] = shown([order]);
      expect([newest, marks!.toSorted()]).toEqual([['A 5 of 0'], ['A 1', 'A 3']]);
    }
  });

  it('keep the newest previous close with the time and day of its message', () => {
    const first = quote('A', '1', at(1), { previousClose: '90', previousCloseDate: '2026-11-24' });
    const second = quote('A', '2', at(2), { previousClose: '91' });
    for (const batches of [[[first, second, quote('A', '3', at(3))]], [[quote('A', '3', at(3))], [second], [first]]])
      expect(mergeQuotes(batches).newest).toMatchObject([
        { price: '3', previousClose: '91', previousCloseDate: undefined, previousCloseAsOf: at(2) },
      ]);
  });
});
