import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseTotal } from '../../../libs/portfolios/valuation/base-total.js';
import { Decimal } from '#decimal';
import { shownRate } from '../../../libs/portfolios/valuation/rate-table.js';
import { MONEY_CASES } from './valuation-cases.fixture.js';
import { type DeskCase, figuresOf, valued } from './valuation.fixture.js';

const shown = (amount: { shown(least?: number): string } | null) => amount && amount.shown();
const positionsOf = (desk: DeskCase, at?: string) =>
  valued(desk, at).positions.map(({ value, unrealised, dayPnl }) => [value, unrealised, dayPnl].map(shown));

describe('a portfolio is worth what its case says, digit for digit', () => {
  it.each(MONEY_CASES)('$name', ({ desk, at, is: [value, dayPnl, ...positions] }) => {
    expect(figuresOf(valued(desk, at))).toEqual({ value, dayPnl });
    expect(positionsOf(desk, at)).toEqual(positions);
  });
});

const position = (key: string, quantity: string, averagePrice: string, lastPrice: string, more: object) => ({
  key,
  quantity,
  averagePrice,
  lastPrice,
  ...more,
});
const FOUR: DeskCase = {
  base: 'USD',
  snapshot: {
    asOf: '2026-11-25T09:30:00Z',
    currency: 'USD',
    cash: '500',
    positions: [
      position('A', '10', '200', '210', { previousClose: '205', currency: 'USD' }),
      position('B', '10', '200', '210', { previousClose: '208', currency: 'EUR' }),
      position('C', '100', '2800', '3000', { previousClose: '2990', currency: 'JPY' }),
      position('D', '500', '400', '433.7', { previousClose: '431.2', currency: 'GBX' }),
    ],
  },
  rates: [
    { base: 'EUR', quote: 'USD', price: '1.0850', asOf: '2026-11-25T09:29:00Z' },
    { base: 'USD', quote: 'JPY', price: '150.00', asOf: '2026-11-25T09:29:10Z' },
    { base: 'GBP', quote: 'USD', price: '1.2500', asOf: '2026-11-25T09:29:20Z' },
  ],
};

function inBase(desk: DeskCase, base = desk.base!) {
  const { byCurrency, rates } = valued(desk);
  const { value, dayPnl, fxPnl, known, paths, incomplete } = baseTotal(byCurrency, base, rates);
  return {
    figures: [value, dayPnl, fxPnl].map(shown),
    known: [known.value, known.dayPnl].map(shown),
    paths: paths.map(({ path, asOf, rate }) => [...path, asOf, shownRate(rate)]),
    incomplete,
  };
}

describe('a portfolio in several currencies', () => {
  it('has one row a currency, pence joined to pounds, and a total in the base currency (M12)', () => {
    const { byCurrency } = valued(FOUR);
    expect(byCurrency.map(({ currency, value, dayPnl }) => [currency, shown(value), shown(dayPnl)])).toEqual([
      ['EUR', '2100', '20'],
      ['GBP', '2168.5', '12.5'],
      ['JPY', '300000', '1000'],
      ['USD', '2600', '50'],
    ]);
    expect(figuresOf(valued(FOUR))).toEqual({ value: '9589.125', dayPnl: '93.991666666666666667' });
    expect(inBase(FOUR).figures).toEqual(['9589.125', '93.991666666666666667', null]);
  });

  it('has no total without a rate, and names the part that is known (M13)', () => {
    const desk = { ...FOUR, rates: FOUR.rates!.filter(({ quote }) => quote !== 'JPY') };
    expect(inBase(desk)).toMatchObject({
      figures: [null, null, null],
      known: ['7589.125', '87.325'],
      incomplete: expect.arrayContaining([{ currency: 'JPY', reason: 'no_rate' }]),
    });
    expect(figuresOf(valued(desk))).toEqual({ value: null, dayPnl: null });
  });

  it('is converted by two legs, as of the older one (M14)', () => {
    const rates = [
      { base: 'USD', quote: 'INR', price: '88.00', asOf: '2026-11-25T09:29:00Z' },
      { base: 'USD', quote: 'JPY', price: '150.00', asOf: '2026-11-25T09:28:00Z' },
    ];
    const snapshot = { ...FOUR.snapshot, currency: 'JPY', cash: '0', positions: [FOUR.snapshot.positions[2]!] };
    expect(inBase({ snapshot, rates, base: 'INR' })).toMatchObject({
      figures: ['176000', '586.666666666666666667', null],
      paths: [['JPY->USD inverse', 'USD->INR', '2026-11-25T09:28:00.000000Z', '0.586666666666666667']],
    });
  });

  it('does not take USDT for USD (M24)', () => {
    const perpetual = position('P', '1', '90000', '95000', { previousClose: '94000', currency: 'USDT' });
    const snapshot = {
      ...FOUR.snapshot,
      cash: '100',
      positions: [{ ...perpetual, valuation: 'margined' as const }],
    };
    expect(inBase({ snapshot, base: 'USD' })).toMatchObject({ figures: [null, null, null], known: ['100', '0'] });
    const rates = [{ base: 'USDT', quote: 'USD', price: '0.9990', asOf: '2026-11-25T09:29:00Z' }];
    expect(inBase({ snapshot, rates, base: 'USD' }).figures).toEqual(['5095', '999', null]);
  });

  it('counts foreign cash once, though the broker lists it as a position too (M25)', () => {
    const memo = {
      ...position('EUR.USD', '10000', '1.0800', '1.0850', { previousClose: '1.0840' }),
      valuation: 'memo' as const,
    };
    const cashBalances = [
      { currency: 'EUR', amount: '10000' },
      { currency: 'USD', amount: '-10800' },
    ];
    const snapshot = { ...FOUR.snapshot, cash: '0', cashBalances, positions: [memo] };
    expect(inBase({ ...FOUR, snapshot }).figures).toEqual(['50', '0', null]);
    expect(figuresOf(valued({ ...FOUR, snapshot }))).toEqual({ value: '50', dayPnl: '0' });
  });

  it('keeps apart what prices moved and what rates moved (M26)', () => {
    const snapshot = {
      ...FOUR.snapshot,
      currency: 'EUR',
      cash: '0',
      positions: [position('S', '100', '200', '210', { previousClose: '208' })],
    };
    const rates = [
      { base: 'EUR', quote: 'USD', price: '1.0850', previousClose: '1.1000', asOf: '2026-11-25T09:29:00Z' },
    ];
    expect(inBase({ snapshot, rates, base: 'USD' }).figures).toEqual(['22785', '217', '-312']);
  });
});

const folder = join(process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere', 'domain/money');
const published = existsSync(folder);
(published ? describe : describe.skip)('the published cases (skipped if DESKWIRE_DATA_DIR is unset)', () => {
  const expected: Record<string, any> = published
    ? JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
    : { none: {} };
  const digits = (text: string | null) => (text === null ? null : String(Decimal.parse(text).round(18).trimmed()));

  it.each(Object.keys(expected))('%s', (name) => {
    const desk: DeskCase = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const { value, dayPnl, positions } = expected[name];
    expect(figuresOf(valued(desk))).toEqual({ value: digits(value), dayPnl: digits(dayPnl) });
    expect(positionsOf(desk)).toEqual(
      positions.map((position: any) => [position.value, position.unrealised, position.dayPnl].map(digits)),
    );
  });

  it('are all read', () => {
    expect(readdirSync(folder).filter((name) => /^M\d/.test(name))).toHaveLength(28);
  });
});
