import fc from 'fast-check';
import { type ExportFormat, EXPORT_FORMATS } from '../../../libs/portfolios/exports/export-reading.js';
import { kiteHolding, kiteRow } from '../../../libs/portfolios/exports/exports.fixture.js';
import readBrokerExport from '../../../libs/portfolios/exports/read-broker-export.js';
import { putSnapshot } from '../../../libs/portfolios/snapshots/snapshot.dto.js';

const NOW = '2026-11-25T12:00:00.000Z';
const read = (format: ExportFormat, text: string) =>
  readBrokerExport({
    format,
    files: [{ name: 'd', bytes: new Uint8Array(Buffer.from(text)) }],
    options: { now: NOW, currency: 'INR' },
  });

/** Names and values that readers look for, so that arbitrary documents reach far into them. */
const NAMES = [
  ...[
    'net',
    'data',
    'holdings',
    'positions',
    'account',
    'balances',
    'assets',
    'positionRisk',
    'exchangeInfo',
    'symbols',
    'activities',
    'accounts',
  ],
  ...[
    'tradingsymbol',
    'exchange',
    'product',
    'quantity',
    'overnight_quantity',
    'instrument_token',
    't1_quantity',
    'isin',
    'symboltoken',
    'netqty',
  ],
  ...[
    'asset',
    'free',
    'balance',
    'walletBalance',
    'symbol',
    'positionAmt',
    'markPrice',
    'equity',
    'cash',
    'qty',
    'avg_entry_price',
    'type',
    'date',
    'mtf',
    '__proto__',
  ],
];
const value = fc.oneof(
  fc.constantFrom(
    '1',
    '-2.5',
    '1e5',
    '1e999',
    'NaN',
    '',
    '--',
    'NSE',
    'CNC',
    'BUY',
    'USDT',
    '2026-11-24',
    '9'.repeat(40),
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(null, true, [], {}),
);
const row = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 20 });
const inner = fc.oneof(value, row, fc.array(row, { maxLength: 3 }), fc.array(value, { maxLength: 3 }));
const anyDocument = fc.oneof(
  fc.array(row, { maxLength: 4 }),
  fc.dictionary(
    fc.constantFrom(...NAMES),
    fc.oneof(inner, fc.dictionary(fc.constantFrom(...NAMES), inner, { maxKeys: 6 })),
    { maxKeys: 8 },
  ),
);
const text = fc.oneof(
  anyDocument.map((document) => JSON.stringify(document)),
  fc
    .string({ unit: fc.constantFrom(...'<>/="\' abc!?-[]&;,\n1'), maxLength: 80 })
    .map((body) => `<FlexStatement ${body}`),
  fc
    .array(
      fc.array(
        fc.constantFrom(
          'Open Positions',
          'Header',
          'Data',
          'Symbol',
          'Quantity',
          '1,050',
          '"',
          'Date',
          'Type',
          'key',
          'qty',
          '1',
        ),
        { maxLength: 5 },
      ),
      { maxLength: 6 },
    )
    .map((lines) => lines.map((cells) => cells.join(',')).join('\n')),
);

describe('a hostile export', () => {
  it.each(EXPORT_FORMATS)(
    'any document is read or refused with a reason, and never breaks the reader: %s',
    (format) => {
      fc.assert(
        fc.property(text, (document) => {
          const result = read(format, document);
          if ('refused' in result) expect(result.refused.message).toMatch(/\S/);
          else expect(Array.isArray(result.positions)).toBe(true);
        }),
        { numRuns: 150 },
      );
    },
  );

  it('deep nesting and long values are refused, and do not end the thread', () => {
    expect(read('kite', '['.repeat(200_000))).toHaveProperty('refused');
    expect(read('kite', `${'{"data":'.repeat(5_000)}1${'}'.repeat(5_000)}`)).toHaveProperty('refused');
    expect(read('ibkr-flex', `<a b="${'x'.repeat(1_000_000)}`)).toHaveProperty('refused');
    expect(read('ibkr-flex', '<a>'.repeat(100_000))).toHaveProperty('refused');
  });

  it('every row of holdings and positions is a position, part of one, or counted as ignored', () => {
    const quantity = fc.integer({ min: 0, max: 50 });
    const held = fc.uniqueArray(fc.record({ symbol: fc.constantFrom(...'ABCDEF'), quantity, t1: quantity }), {
      selector: ({ symbol }) => symbol,
    });
    const traded = fc.uniqueArray(
      fc.record({
        symbol: fc.constantFrom(...'ABCDEFGH'),
        product: fc.constantFrom('CNC', 'MIS'),
        bought: quantity,
        sold: quantity,
      }),
      { selector: ({ symbol, product }) => `${symbol} ${product}` },
    );
    fc.assert(
      fc.property(held, traded, (holdings, trades) => {
        const documents = {
          holdings: holdings.map(({ symbol, quantity: n, t1 }) =>
            kiteHolding(symbol, n, {
              instrument_token: symbol.charCodeAt(0),
              t1_quantity: t1,
              opening_quantity: n + t1,
            }),
          ),
          positions: {
            net: trades.map(({ symbol, product, bought, sold }) =>
              kiteRow(symbol, {
                instrument_token: symbol.charCodeAt(0),
                product,
                quantity: bought - sold,
                day_buy_quantity: bought,
                day_buy_value: bought * 100,
                day_sell_quantity: sold,
                day_sell_value: sold * 100,
              }),
            ),
          },
        };
        const result = read('kite', JSON.stringify(documents));
        if ('refused' in result) throw new Error(result.refused.message);
        const merged = trades.filter(
          ({ symbol, product }) => product === 'CNC' && holdings.some((one) => one.symbol === symbol),
        ).length;
        const idle = result.ignored.rows.find(({ rows }) => rows.startsWith('without'))?.count ?? 0;
        expect(result.positions.length + idle).toBe(holdings.length + trades.length - merged);
        // What was held and traded is what is held: no share appears or is lost.
        const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
        const beyond = trades.filter(
          ({ symbol, product }) => product === 'CNC' && holdings.every((one) => one.symbol !== symbol),
        );
        const covered = sum(beyond.map(({ bought, sold }) => Math.max(0, sold - bought)));
        const now =
          sum(holdings.map((one) => one.quantity + one.t1)) +
          sum(trades.map(({ bought, sold }) => bought - sold)) +
          covered;
        expect(sum(result.positions.map((position) => Number(position.quantity)))).toBe(now);
        const snapshot = {
          broker: 'zerodha',
          account: 'A',
          asOf: NOW,
          currency: 'INR',
          cash: '0',
          positions: result.positions.map(({ symbol: _, ...position }) => position),
        };
        expect(putSnapshot.safeParse(snapshot).error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
