import type { DeskCase } from './valuation.fixture.js';

type Position = DeskCase['snapshot']['positions'][number];

export interface MoneyCase {
  /** The case of the reference data with the same numbers. */
  name: string;
  desk: DeskCase;
  at?: string;
  /** Totals, then value, unrealised and day P&L of each position. */
  is: [value: string | null, dayPnl: string | null, ...positions: (readonly [string, string, string | null])[]];
}

const AT = '2026-11-25T09:30:00Z';

const desk = (currency: string, cash: string, ...positions: Position[]): DeskCase => ({
  snapshot: { asOf: AT, currency, cash, positions },
});
const of = (key: string, quantity: string, averagePrice: string, lastPrice: string, more: Partial<Position> = {}) => ({
  key,
  quantity,
  averagePrice,
  lastPrice,
  ...more,
});
const day = (openQuantity: string, buyQuantity = '0', buyValue = '0', sellQuantity = '0', sellValue = '0') => ({
  day: { openQuantity, buyQuantity, buyValue, sellQuantity, sellValue },
});
const future = (settlementPrice?: string) =>
  of('FUT', '75', '26000', '26100', {
    previousClose: '26050',
    valuation: 'margined',
    ...(settlementPrice && { settlementPrice }),
    ...day('75'),
  });

export const MONEY_CASES: MoneyCase[] = [
  {
    name: 'held overnight (M01)',
    desk: desk('USD', '5000', of('X', '100', '180', '220', { previousClose: '210', ...day('100') })),
    is: ['27000', '1000', ['22000', '4000', '1000']],
  },
  {
    name: 'opened today: the close of yesterday plays no part (M02)',
    desk: desk(
      'USD',
      '0',
      of('X', '666', '717.83', '718.46', { previousClose: '720.87', ...day('0', '666', '478074.78') }),
    ),
    is: ['478494.36', '419.58', ['478494.36', '419.58', '419.58']],
  },
  {
    name: 'partly closed (M03)',
    desk: desk('INR', '0', of('X', '200', '40', '51', { previousClose: '50', ...day('300', '0', '0', '100', '5200') })),
    is: ['10200', '400', ['10200', '2200', '400']],
  },
  {
    name: 'closed today (M04)',
    desk: desk(
      'INR',
      '100276',
      of('X', '0', '0', '23355', {
        previousClose: '23232',
        valuation: 'margined',
        settlementPrice: '23232',
        ...day('3', '1', '23388', '4', '93360'),
      }),
    ),
    is: ['100276', '276', ['0', '0', '276']],
  },
  {
    name: 'short held overnight (M05)',
    desk: desk(
      'INR',
      '300000',
      of('X', '-75', '26000', '26100', { previousClose: '26050', valuation: 'margined', ...day('-75') }),
    ),
    is: ['292500', '-3750', ['-7500', '-7500', '-3750']],
  },
  {
    name: 'flipped from long to short (M06)',
    desk: desk(
      'INR',
      '20000',
      of('X', '-30', '103', '101', { previousClose: '100', ...day('50', '0', '0', '80', '8240') }),
    ),
    is: ['16970', '210', ['-3030', '60', '210']],
  },
  {
    name: 'a future of which nothing is in cash (M07a)',
    desk: desk('INR', '300000', future()),
    is: ['307500', '3750', ['7500', '7500', '3750']],
  },
  {
    name: 'a future settled yesterday (M07b)',
    desk: desk('INR', '303750', future('26050')),
    is: ['307500', '3750', ['3750', '7500', '3750']],
  },
  {
    name: 'a future whose profit is in cash (M07c)',
    desk: desk('INR', '307500', future('26100')),
    is: ['307500', '3750', ['0', '7500', '3750']],
  },
  {
    name: 'an inverse perpetual (M08)',
    desk: desk(
      'BTC',
      '1.5',
      of('X', '120', '60000', '64000', {
        previousClose: '62500',
        multiplier: '100',
        valuation: 'margined',
        pricing: 'inverse',
        ...day('120'),
      }),
    ),
    is: ['1.5125', '0.0045', ['0.0125', '0.0125', '0.0045']],
  },
  ...[
    of('X', '1000', '410.2', '433.7', { previousClose: '431.2', multiplier: '0.01', currency: 'GBP' }),
    of('X', '1000', '410.2', '433.7', { previousClose: '431.2', currency: 'GBX' }),
    of('X', '1000', '4.102', '4.337', { previousClose: '4.312', currency: 'GBP' }),
  ].map((position): MoneyCase => {
    const own: [string, string, string] =
      position.currency === 'GBX' ? ['433700', '23500', '2500'] : ['4337', '235', '25'];
    return {
      name: `pence by ${JSON.stringify(position)} (M09)`,
      desk: desk('GBP', '0', position),
      is: ['4337', '25', own],
    };
  }),
  {
    name: 'a bond in percent with accrued interest (M10)',
    desk: desk(
      'EUR',
      '1000',
      of('X', '50000', '97.10', '98.25', { previousClose: '98.10', multiplier: '0.01', accrued: '312.50' }),
    ),
    is: ['50437.5', '75', ['49437.5', '575', '75']],
  },
  {
    name: 'a short option (M11)',
    desk: desk('USD', '10000', of('X', '-2', '4.00', '3.10', { previousClose: '3.45', multiplier: '100' })),
    is: ['9380', '70', ['-620', '180', '70']],
  },
  {
    name: 'a previous close of 0 is unknown (M15)',
    desk: desk(
      'INR',
      '0',
      of('X', '1', '161.05', '161.05', { previousClose: '0', multiplier: '1000', valuation: 'margined' }),
    ),
    is: ['0', null, ['0', '0', null]],
  },
  {
    name: 'two legs of one key (M18)',
    desk: desk(
      'USDT',
      '20000',
      of('X', '1', '90000', '95000', { previousClose: '94000', leg: 'LONG', valuation: 'margined' }),
      of('X', '-0.5', '96000', '95000', { previousClose: '94000', leg: 'SHORT', valuation: 'margined' }),
    ),
    is: ['25500', '500', ['5000', '5000', '1000'], ['500', '500', '-500']],
  },
  {
    name: 'eighteen decimals are rounded once, after summing (M21)',
    desk: desk(
      'USDT',
      '0.000000000000000001',
      of('X', '1.123456789012345678', '3000', '3100.000000000000000001', { previousClose: '3050.5' }),
    ),
    is: [
      '3482.716045938271601802',
      '55.611111056111111062',
      ['3482.716045938271601801', '112.345678901234567801', '55.611111056111111062'],
    ],
  },
  {
    name: 'a price below 0 (M22)',
    desk: desk(
      'USD',
      '100000',
      of('X', '2', '20.10', '-37.63', {
        previousClose: '18.27',
        multiplier: '1000',
        valuation: 'margined',
        settlementPrice: '18.27',
      }),
    ),
    is: ['-11800', '-111800', ['-111800', '-115460', '-111800']],
  },
];
