import { postQuotes } from '../quotes/quote.dto.js';
import { postSnapshots, putSnapshot } from './snapshot.dto.js';

const position = { key: 'NSE|1', quantity: '10', averagePrice: '99.5', lastPrice: '100' };
const good = {
  broker: 'zerodha',
  account: 'AB1',
  asOf: '2026-08-17T09:15:00+05:30',
  currency: 'INR',
  cash: '1000.00',
  positions: [position],
};
const paths = (
  value: unknown,
  schema = putSnapshot as typeof putSnapshot | typeof postSnapshots | typeof postQuotes,
): string[] =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) =>
    [...issue.path, ...('keys' in issue ? (issue.keys as string[]) : [])].join('.'),
  );

describe('a snapshot in a request', () => {
  it('is accepted and left unchanged', () => expect(putSnapshot.parse(good)).toEqual(good));

  it.each(['INR', 'USDT', '1INCH', 'GBX', 'GBp', 'ZAc'])('may be of the currency %s', (currency) => {
    expect(paths({ ...good, currency })).toEqual([]);
  });

  it('may have amounts of 26 digits before and 18 after the point', () => {
    const cash = `-${'9'.repeat(26)}.${'9'.repeat(17)}1`;
    expect(putSnapshot.parse({ ...good, cash }).cash).toBe(cash);
  });

  it.each([
    ['broker', 'Zerodha'],
    ['broker', undefined],
    ['account', ''],
    ['account', 'x'.repeat(65)],
    ['account', 'a\0'],
    ['asOf', '2026-08-17T09:15:00'],
    ['asOf', '0000-01-01T00:00:00Z'],
    ['asOf', 1],
    ['currency', 'inr'],
    ['currency', 'X'],
    ['currency', 'gbp'],
    ['currency', 'ABCDEFGHIJKLM'],
    ['cash', 1000],
    ['cash', '1e3'],
    ['cash', '0.0000000000000000001'],
    ['cash', '1'.repeat(27)],
    ['positions', {}],
    ['userId', 'me'],
    ['extra', 1],
  ])('is refused with the field %s for the value %j', (field, value) =>
    expect(paths({ ...good, [field]: value })).toContain(field),
  );

  it.each([
    ['key', ''],
    ['key', 'a\0b'],
    ['key', '\ud800'],
    ['key', 'k'.repeat(201)],
    ['quantity', 'NaN'],
    ['quantity', '01'],
    ['lastPrice', undefined],
    ['averagePrice', undefined],
    ['leg', ''],
    ['leg', 'x'.repeat(33)],
    ['currency', 'gbp'],
    ['venue', 'MOON'],
    ['valuation', 'notional'],
    ['pricing', 'square'],
    ['previousCloseDate', '2026-02-30'],
    ['day', '10'],
    ['multiplier', ''],
    ['pricedAt', 'x'],
  ])('is refused with the position and its field %s for the value %j', (field, value) =>
    expect(paths({ ...good, positions: [position, { ...position, key: 'NSE|2', [field]: value }] })).toContain(
      `positions.1.${field}`,
    ),
  );

  it('may name what is needed to value it', () => {
    const positions = [
      {
        ...position,
        leg: 'LONG',
        averagePrice: null,
        lastPrice: null,
        previousClose: '0',
        pricing: 'inverse',
        valuation: 'margined',
      },
      { ...position, leg: 'SHORT', day: { openQuantity: '10' } },
      { ...position, leg: 'MIS', day: { openQuantity: '0' } },
      { ...position, leg: 'NRML', day: { openQuantity: '0', buyQuantity: '12', sellQuantity: '2.00' } },
      position,
    ];
    const roll = { timeZone: 'Asia/Kolkata', at: '23:30' };
    const { cash: _, ...rest } = { ...good, positions, venue: 'NSE', dayRoll: roll };
    const cashBalances = [{ currency: 'USDT', amount: '-1.5' }];
    expect(paths({ ...rest, cashBalances })).toEqual([]);
    expect(paths({ ...rest, cashBalances, cash: '0.00' })).toEqual([]);
  });

  it.each([
    ['cash beside cashBalances', { cash: '1', cashBalances: [] }, 'cash'],
    ['neither cash nor cashBalances', { cash: undefined }, 'cash'],
    [
      'a currency twice',
      { cash: '0', cashBalances: ['INR', 'INR'].map((currency) => ({ currency, amount: '1' })) },
      'cashBalances.1.currency',
    ],
    ['a day that begins at a quarter', { dayRoll: { timeZone: 'UTC', at: '17:15' } }, 'dayRoll.at'],
    ['a zone of quarter hours', { dayRoll: { timeZone: 'Asia/Kathmandu', at: '17:00' } }, 'dayRoll.timeZone'],
    ['a zone that does not exist', { dayRoll: { timeZone: 'Mars/Olympus', at: '17:00' } }, 'dayRoll.timeZone'],
  ])('is refused with %s', (_name, more, field) => expect(paths({ ...good, ...more })).toEqual([field]));

  it.each([
    ['trades that do not sum to the quantity', { openQuantity: '4', buyQuantity: '5', buyValue: '5' }, 'openQuantity'],
    ['no trades, though the quantity changed', { openQuantity: '4' }, 'openQuantity'],
    ['a value of no trade', { openQuantity: '10', buyValue: '5' }, 'buyValue'],
    ['a trade without its value', { openQuantity: '15', sellQuantity: '5' }, 'sellValue'],
    ['one of two values', { openQuantity: '0', buyQuantity: '12', sellQuantity: '2', buyValue: '5' }, 'sellValue'],
    ['a negative trade', { openQuantity: '15', buyQuantity: '-5', buyValue: '1' }, 'buyQuantity'],
  ])('is refused with day facts of %s', (_name, day, field) =>
    expect(paths({ ...good, positions: [{ ...position, day }] })).toEqual([`positions.0.day.${field}`]),
  );

  it('is refused with inverse pricing of a position that is paid for', () => {
    expect(paths({ ...good, positions: [{ ...position, pricing: 'inverse' }] })).toEqual(['positions.0.valuation']);
  });

  it('is refused with a key twice or with more than 5,000 positions', () => {
    expect(paths({ ...good, positions: [position, position] })).toEqual(['positions.1.key']);
    const many = Array.from({ length: 5001 }, (_, key) => ({ ...position, key: String(key) }));
    expect(paths({ ...good, positions: many })).toEqual(['positions']);
    expect(paths({ ...good, positions: many.slice(1) })).toEqual([]);
  });

  it.each(['', '.a', 'a/b', 'a b', 'é', 'x'.repeat(65), '__proto__'])(
    'is refused with the portfolio id %j',
    (portfolioId) => {
      expect(paths({ ...good, portfolioId })).toEqual(['portfolioId']);
      const { snapshots } = postSnapshots.parse({
        snapshots: [
          { ...good, portfolioId },
          { ...good, portfolioId: 'p' },
        ],
      });
      expect(snapshots).toMatchObject([
        { portfolioId: null, invalid: { code: 'REQUEST_INVALID' } },
        { portfolioId: 'p' },
      ]);
    },
  );

  it('is refused in a bulk of none or of more than 10,000', () => {
    expect(paths({ snapshots: [] }, postSnapshots)).toEqual(['snapshots']);
    expect(
      paths({ snapshots: Array.from({ length: 10_001 }, () => ({ ...good, portfolioId: 'p' })) }, postSnapshots),
    ).toEqual(['snapshots']);
  });
});

describe('a quote in a request', () => {
  const quote = { broker: 'zerodha', key: 'NSE|1', price: '-37.63', asOf: '2026-08-17T03:45:00Z' };
  it('may have a negative price, as oil had', () => expect(paths({ quotes: [quote] }, postQuotes)).toEqual([]));
  it.each([
    ['broker', 'A'],
    ['key', ''],
    ['price', 1],
    ['asOf', 'now'],
    ['previousClose', ''],
    ['volume', '1'],
  ])('is refused with the field %s for the value %j', (field, value) =>
    expect(paths({ quotes: [{ ...quote, [field]: value }] }, postQuotes)).toEqual([`quotes.0.${field}`]),
  );
});
