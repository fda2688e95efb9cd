import { DemoBook, decimal, hundredths } from './demo-book.js';
import { DemoMarket } from './demo-market.js';
import { demoMaster } from './demo-master.js';
import { DEMO_PORTFOLIOS } from './demo-plan.js';
import { SeededRandom } from './seeded-random.js';

const now = new Date('2026-11-23T10:00:00Z');
const plan = DEMO_PORTFOLIOS[0]!;
const { traded, csv } = demoMaster(plan.broker, now);

function opened(): { book: DemoBook; market: DemoMarket; random: SeededRandom } {
  const random = new SeededRandom(1);
  const book = DemoBook.opened(plan, traded, random);
  return { book, market: new DemoMarket(plan.broker, book.contracts, [], random), random };
}

const worth = (book: DemoBook, market: DemoMarket): bigint => {
  const { cash, positions } = book.snapshot(market.prices, 'u', now);
  return positions.reduce(
    (sum, { quantity, lastPrice }) => sum + BigInt(quantity) * BigInt(hundredths(lastPrice!)),
    BigInt(hundredths(cash)),
  );
};

describe('a demo book', () => {
  it('fills orders at the current price, so cash and holdings change and their sum does not', () => {
    const { book, market, random } = opened();
    const before = worth(book, market);
    const cash = new Set<string>();
    for (let i = 0; i < 2_000; i++) {
      book.fill(market.prices, random);
      expect(worth(book, market)).toBe(before);
      cash.add(book.snapshot(market.prices, 'u', now).cash);
    }
    expect(cash.size).toBeGreaterThan(100);
  });

  it('a demo book never runs out of cash or of a holding', () => {
    const { book, market, random } = opened();
    for (let i = 0; i < 5_000; i++) {
      market.move(5, now);
      book.fill(market.prices, random);
      const { cash, positions } = book.snapshot(market.prices, 'u', now);
      expect(Number(cash)).toBeGreaterThan(0);
      expect(positions.every(({ quantity }) => Number(quantity) > 0)).toBe(true);
    }
  });

  it('continues from the stored holdings, unless a held contract has expired', () => {
    const { book, market } = opened();
    const { cash, positions } = book.snapshot(market.prices, 'u', now);
    expect(DemoBook.resumed(plan, traded, { cash, positions })!.snapshot(market.prices, 'u', now)).toEqual(
      book.snapshot(market.prices, 'u', now),
    );
    expect(
      DemoBook.resumed(plan, traded, { cash, positions: [{ key: 'gone', quantity: '1', averagePrice: '1' }] }),
    ).toBeUndefined();
  });
});

describe('a demo market', () => {
  it('a demo market moves prices in ticks of 0.05, which stay positive and near the close', () => {
    const { market } = opened();
    for (let i = 0; i < 20_000; i++) market.move(3, now);
    for (const { price, previousClose } of market.prices.values()) {
      expect(price % 5).toBe(0);
      expect(Math.abs(price / previousClose - 1)).toBeLessThan(0.12);
    }
  });
});

describe('a demo master', () => {
  const rows = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));

  it('a demo master has thousands of contracts with unique keys and names that contain Demo', () => {
    expect(rows.length).toBe(2_670);
    expect(new Set(rows.map(([key]) => key)).size).toBe(rows.length);
    expect(rows.every(([, , , name]) => name!.startsWith('Demo '))).toBe(true);
  });

  it('a demo master is the same for the same month, and its contracts expire after today', () => {
    expect(demoMaster(plan.broker, new Date('2026-11-02T00:00:00Z')).csv).toBe(csv);
    expect(rows.every(([, , , , , expiry]) => expiry === '' || expiry! >= '2026-11-23')).toBe(true);
  });
});

it('decimals are exact both ways', () => {
  for (const [amount, text] of [
    [5, '0.05'],
    [-5, '-0.05'],
    [123_456, '1234.56'],
    [0, '0.00'],
  ] as const) {
    expect(decimal(amount)).toBe(text);
    expect(hundredths(text)).toBe(amount);
  }
});
