import { Decimal } from '#decimal';
import { averageCosts, type LedgerTrade } from './average-cost.js';
import { csvRows } from './flat-table.js';
import type { ExportDocument } from './export-document.js';
import { type CashAmount, digitsOf, type ExportReading, type ReadOptions, refuseExport } from './export-reading.js';
import type { ExportRow } from './export-table.js';

/** Names of columns, English and German: the program writes them in its own language. */
const COLUMNS = {
  date: ['Date', 'Datum'],
  type: ['Type', 'Typ'],
  value: ['Value', 'Wert'],
  currency: ['Transaction Currency', 'Buchungswährung'],
  gross: ['Gross Amount', 'Bruttobetrag'],
  grossCurrency: ['Currency Gross Amount', 'Währung Bruttobetrag'],
  fees: ['Fees', 'Gebühren'],
  taxes: ['Taxes', 'Steuern'],
  shares: ['Shares', 'Stück'],
  isin: ['ISIN'],
  wkn: ['WKN'],
  ticker: ['Ticker Symbol', 'Ticker-Symbol'],
  name: ['Security Name', 'Wertpapiername'],
} as const;

/** What a type does: to shares, and to cash by the sign of its value. */
interface Effect {
  shares: 1 | -1 | 0;
  cash: 1 | -1 | 0;
}
const effect = (shares: Effect['shares'], cash: Effect['cash']): Effect => ({ shares, cash });
const EFFECTS: Record<string, Effect> = {
  ...of(effect(1, -1), 'Buy', 'Kauf'),
  ...of(effect(-1, 1), 'Sell', 'Verkauf'),
  ...of(effect(1, 0), 'Delivery (Inbound)', 'Einlieferung'),
  ...of(effect(-1, 0), 'Delivery (Outbound)', 'Auslieferung'),
  ...of(
    effect(0, 1),
    'Deposit',
    'Einlage',
    'Dividend',
    'Dividende',
    'Interest',
    'Zinsen',
    'Fees Refund',
    'Gebührenerstattung',
  ),
  ...of(effect(0, 1), 'Tax Refund', 'Steuerrückerstattung'),
  ...of(
    effect(0, -1),
    'Removal',
    'Entnahme',
    'Fees',
    'Gebühren',
    'Interest Charge',
    'Zinsbelastung',
    'Taxes',
    'Steuern',
  ),
  // Of shares if the row has some, else of money.
  ...of(effect(1, 1), 'Transfer (Inbound)', 'Umbuchung (Eingang)'),
  ...of(effect(-1, -1), 'Transfer (Outbound)', 'Umbuchung (Ausgang)'),
};
const MONEY = new Set(['Deposit', 'Einlage', 'Removal', 'Entnahme']);

function of(what: Effect, ...types: string[]): Record<string, Effect> {
  return Object.fromEntries(types.map((type) => [type, what]));
}

/**
 * Transactions of Portfolio Performance as CSV: a ledger. Each security is held at its average cost, fees and taxes apart, and has no
 * price. Cash is known only if deposits are in the file.
 */
export function portfolioPerformance(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const { rows, table, header } = csvRows(
    documents,
    COLUMNS.date,
    (names) => options.decimalMark ?? (names.includes('Datum') ? ',' : '.'),
  );
  for (const needed of ['date', 'type', 'value', 'shares'] as const)
    if (!COLUMNS[needed].some((name) => header.includes(name)))
      refuseExport('header', header.join(', '), `a column ${COLUMNS[needed].join(' or ')}`);
  const ignored = { unmoved: 0, later: 0 };
  const cash = new Map<string, Decimal>();
  const trades: LedgerTrade[] = [];
  for (const row of rows) {
    const type = row.needText(...COLUMNS.type);
    const known = EFFECTS[type] ?? refuseExport(`${row.place}.Type`, type, Object.keys(EFFECTS).join(', '));
    const at = dayOf(row);
    if (at > options.now) {
      ignored.later += 1;
      continue;
    }
    const currency =
      row.text(...COLUMNS.currency) ??
      options.currency ??
      refuseExport(`${row.place}.Transaction Currency`, undefined, 'a currency; name it in `currency`');
    const value = row.needAmount(...COLUMNS.value).abs();
    const shares = row.amount(...COLUMNS.shares);
    const moves = shares !== undefined && shares.sign !== 0;
    const isTransfer = known.shares === known.cash && known.shares !== 0;
    if (known.cash !== 0 && !(isTransfer && moves))
      cash.set(currency, (cash.get(currency) ?? Decimal.ZERO).plus(known.cash > 0 ? value : value.negated()));
    if (known.shares !== 0 && moves) trades.push(tradeOf(row, known, { at, currency, value, shares }));
    else ignored.unmoved += 1;
  }
  const { positions, closed } = averageCosts(trades);
  const hasDeposits = rows.some((row) => MONEY.has(row.text(...COLUMNS.type) ?? ''));
  const count = (rowsOf: string, n: number) => (n > 0 ? [{ rows: rowsOf, count: n }] : []);
  return {
    account: null,
    asOf: null,
    currency: options.currency ?? trades[0]?.currency ?? [...cash.keys()][0] ?? 'EUR',
    cash: hasDeposits ? balancesOf(cash) : null,
    positions,
    rates: [],
    understood: [{ name: 'transactions', rows: rows.length }],
    ignored: {
      columns: table.unused,
      rows: [
        ...count('of transactions that move no shares', ignored.unmoved),
        ...count('of transactions in the future', ignored.later),
        ...count('securities that were sold completely', closed),
      ],
    },
    notes: [
      'The file has transactions and no prices: positions are at average cost, and a quote values them.',
      ...(hasDeposits ? [] : ['The file has no deposits, so the cash is not known.']),
    ],
  };
}

function balancesOf(cash: ReadonlyMap<string, Decimal>): CashAmount[] {
  return [...cash]
    .filter(([, amount]) => amount.sign !== 0)
    .map(([currency, amount]) => ({ currency, amount: digitsOf(amount) }));
}

function dayOf(row: ExportRow): string {
  const text = row.needText(...COLUMNS.date);
  return /^\d{4}-\d{2}-\d{2}/.test(text) ? text : refuseExport(`${row.place}.Date`, text, 'a day such as 2026-11-24');
}

/** Shares at what they cost before fees and taxes, in the currency of the security if the file has it. */
function tradeOf(
  row: ExportRow,
  { shares: sign, cash }: Effect,
  { at, currency, value, shares }: { at: string; currency: string; value: Decimal; shares: Decimal },
): LedgerTrade {
  const key =
    row.text(...COLUMNS.isin) ??
    row.text(...COLUMNS.ticker) ??
    row.text(...COLUMNS.wkn) ??
    row.needText(...COLUMNS.name);
  const foreign = row.amount(...COLUMNS.gross);
  const costs = row.amountOrZero(...COLUMNS.fees).plus(row.amountOrZero(...COLUMNS.taxes));
  const money = foreign ?? (sign < 0 && cash > 0 ? value.plus(costs) : value.minus(costs));
  return {
    key,
    symbol: row.text(...COLUMNS.ticker) ?? row.text(...COLUMNS.name) ?? key,
    currency: foreign === undefined ? currency : (row.text(...COLUMNS.grossCurrency) ?? currency),
    at,
    quantity: sign > 0 ? shares.abs() : shares.abs().negated(),
    price: money.sign === 0 ? undefined : money.abs().dividedBy(shares.abs(), 18),
  };
}
