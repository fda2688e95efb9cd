import { Decimal } from '#decimal';
import type { DayFacts } from '../valuation/facts.js';
import type { ExportDocument } from './export-document.js';
import {
  type CashAmount,
  digitsOf,
  type ExportReading,
  type IgnoredRows,
  type ReadOptions,
  type ReadPosition,
  readPosition,
  refuseExport,
} from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';
import { endOfStatement, statementDay } from './statement-days.js';
import { elementsNamed, type StatementElement } from './xml-elements.js';

const ONE = Decimal.of(1n);
/** Futures, whose profit is in the cash of the statement already. That of CFDs is not. */
const [FUTURE, CFD] = ['FUT', 'CFD'];
/** Currencies as positions: the cash seen another way. */
const CASH = 'CASH';
/** Bonds are quoted in percent of their face value. */
const PERCENT = new Set(['BOND', 'BILL']);
const HUNDREDTH = Decimal.of(1n, 2);

/**
 * A statement of an Interactive Brokers Flex query. Its total cash has the profit of futures to the mark price, so a future is worth
 * nothing beside it until its price moves. Positions and P&L are those of the last day of the statement.
 */
export function ibkrFlex(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const statement = statementOf(documents, options);
  const tables = {
    positions: new ExportTable('OpenPosition'),
    cash: new ExportTable('CashReportCurrency'),
    equity: new ExportTable('EquitySummaryByReportDateInBase'),
    days: new ExportTable('MTMPerformanceSummaryUnderlying'),
    rates: new ExportTable('ConversionRate'),
  };
  const rowsOf = (table: ExportTable) =>
    statement.parts
      .flatMap((part) => elementsNamed(part, table.name))
      .map((element, index) => table.row(element.attributes, `${table.name}[${index}]`));
  const ignored: IgnoredRows[] = [];
  const notes: string[] = [];
  const sent = rowsOf(tables.positions);
  if (sent.length === 0 && statement.parts.every((part) => elementsNamed(part, 'OpenPositions').length === 0))
    refuseExport('OpenPositions', sectionsOf(statement.parts), 'the section OpenPositions of the Flex query');
  const equity = ofDay(rowsOf(tables.equity), statement.to).at(-1);
  const currency = options.currency ?? baseOf(statement.parts, sent, equity);
  const isOneDay = statement.from === statement.to;
  const days = new Map((isOneDay ? rowsOf(tables.days) : []).flatMap((row) => keyed(row)));
  if (!isOneDay)
    notes.push(`The statement is of ${statement.from} to ${statement.to}: its P&L is of no one day and is not used.`);
  const positions = summed(ofDay(sent, statement.to), ignored, notes).map((lots) => positionOf(lots, currency, days));
  const dayRows = [...days.values()].filter((row) => row.text('assetCategory') !== CASH);
  const sum = (...columns: string[]) =>
    dayRows.reduce(
      (total, row) => columns.reduce((part, column) => part.plus(row.amountOrZero(column)), total),
      Decimal.ZERO,
    );
  const total = equity?.amount('total');
  const cash = cashOf(rowsOf(tables.cash), equity, currency);
  const fees = sum('commissions').negated();
  return {
    account: statement.account,
    ...endOfStatement(statement.to, options.now),
    currency,
    cash,
    ...(total === undefined ? {} : { value: digitsOf(total) }),
    ...(dayRows.length === 0
      ? {}
      : { dayPnl: digitsOf(sum('priorOpenMtm', 'transactionMtm')), dayFees: digitsOf(fees) }),
    positions,
    rates: ratesOf(rowsOf(tables.rates), sent, currency),
    understood: Object.values(tables).map((table) => ({ name: table.name, rows: rowsOf(table).length })),
    ignored: { columns: Object.values(tables).flatMap((table) => table.unused), rows: ignored },
    notes,
  };
}

interface FlexStatement {
  account: string;
  from: string;
  to: string;
  /** One of each document. */
  parts: StatementElement[];
}

/** The statement of one account, of which several documents may have sections. They must be of one day. */
function statementOf(documents: readonly ExportDocument[], { account }: ReadOptions): FlexStatement {
  const all = documents.flatMap((document) => {
    const parts =
      document.kind === 'xml'
        ? elementsNamed({ name: '', attributes: {}, children: [document.root] }, 'FlexStatement')
        : [];
    if (parts.length === 0)
      refuseExport(document.name, document.kind === 'xml' ? `<${document.root.name}>` : 'no XML', 'a FlexStatement');
    return parts;
  });
  const accounts = [...new Set(all.map(({ attributes }) => attributes['accountId'] ?? ''))];
  const wanted =
    account !== undefined && accounts.includes(account) ? account : accounts.length === 1 ? accounts[0]! : undefined;
  if (wanted === undefined) refuseExport('account', accounts.join(', '), 'one account; name it in `account`');
  const parts = all.filter(({ attributes }) => (attributes['accountId'] ?? '') === wanted);
  const days = (field: 'fromDate' | 'toDate') =>
    parts.map(
      ({ attributes }) =>
        statementDay(attributes[field] ?? '') ??
        refuseExport(`FlexStatement.${field}`, attributes[field], 'a day such as 20261124'),
    );
  const [from, to] = [days('fromDate'), days('toDate')];
  if (new Set(to).size > 1)
    refuseExport(
      'FlexStatement.toDate',
      [...new Set(to)].join(', '),
      'one day',
      `The documents are of different days (${[...new Set(to)].join(', ')}). Send those of one day.`,
    );
  return { account: wanted, from: from.sort()[0]!, to: to[0]!, parts };
}

function sectionsOf(parts: readonly StatementElement[]): string {
  return [...new Set(parts.flatMap(({ children }) => children.map(({ name }) => name)))].join(', ');
}

/** The currency of the account: as it says, else that whose rate to the base is 1. */
function baseOf(
  parts: readonly StatementElement[],
  positions: readonly ExportRow[],
  equity: ExportRow | undefined,
): string {
  const information = parts.flatMap((part) => elementsNamed(part, 'AccountInformation'))[0];
  const named = information?.attributes['currency'] || equity?.text('currency');
  const own = positions.find((row) => row.amount('fxRateToBase')?.compare(ONE) === 0)?.text('currency');
  return (
    named ?? own ?? refuseExport('AccountInformation.currency', undefined, 'the base currency; name it in `currency`')
  );
}

/** The rows of each position: that of SUMMARY, or if there are only lots, its lots. */
function summed(rows: readonly ExportRow[], ignored: IgnoredRows[], notes: string[]): ExportRow[][] {
  const level = (row: ExportRow) => row.text('levelOfDetail') ?? 'SUMMARY';
  const summaries = rows.filter((row) => level(row) === 'SUMMARY');
  const lots = rows.filter((row) => level(row) === 'LOT');
  const others = rows.length - summaries.length - lots.length;
  if (others > 0)
    ignored.push({ rows: 'of OpenPosition at another level of detail than SUMMARY and LOT', count: others });
  if (summaries.length > 0 && lots.length > 0)
    ignored.push({ rows: 'of OpenPosition that are lots of a position', count: lots.length });
  if (summaries.length === 0 && lots.length > 0)
    notes.push('The statement has lots only; the lots of a contract are added.');
  const used = summaries.length > 0 ? summaries : lots;
  return [...Map.groupBy(used, (row) => keyOf(row)).values()];
}

const keyOf = (row: ExportRow) => row.text('conid') ?? row.needText('symbol');
/** Totals of the section have neither key. */
const keyed = (row: ExportRow) =>
  (row.text('conid') ?? row.text('symbol')) === undefined ? [] : [[keyOf(row), row] as const];

/** The rows of the last day, if the section has several. */
function ofDay(rows: readonly ExportRow[], day: string): ExportRow[] {
  const own = rows.filter((row) => statementDay(row.text('reportDate') ?? '') === day);
  return own.length > 0 ? own : [...rows];
}

function positionOf(rows: readonly ExportRow[], base: string, days: ReadonlyMap<string, ExportRow>): ReadPosition {
  const [row] = rows as [ExportRow];
  const category = row.text('assetCategory') ?? 'STK';
  const quantity = rows.reduce((sum, lot) => sum.plus(lot.needAmount('position')), Decimal.ZERO);
  const mark = row.needAmount('markPrice');
  const own = row.amount('multiplier') ?? ONE;
  const multiplier = PERCENT.has(category) && own.compare(ONE) === 0 ? HUNDREDTH : own;
  const currency = row.needText('currency');
  const day = days.get(keyOf(row));
  const rate = row.amount('fxRateToBase') ?? (currency === base ? ONE : undefined);
  const valuation = category === CASH ? 'memo' : category === FUTURE || category === CFD ? 'margined' : undefined;
  return readPosition(
    { symbol: row.text('symbol') ?? keyOf(row), key: keyOf(row) },
    { quantity, average: averageOf(rows, quantity), last: mark, close: day?.amount('prevClosePrice'), multiplier },
    {
      currency,
      ...(valuation === undefined ? {} : { valuation }),
      ...(category === FUTURE ? { settlementPrice: digitsOf(mark) } : {}),
      ...(day === undefined || rate === undefined ? {} : saidOfDay(day, { quantity, mark, multiplier, rate })),
    },
  );
}

function averageOf(rows: readonly ExportRow[], quantity: Decimal): Decimal | undefined {
  const prices = rows.map((row) => row.amount('costBasisPrice', 'openPrice'));
  if (rows.length === 1) return prices[0];
  if (quantity.sign === 0 || prices.includes(undefined)) return undefined;
  const cost = rows.reduce(
    (sum, row, index) => sum.plus(row.needAmount('position').times(prices[index]!)),
    Decimal.ZERO,
  );
  return cost.dividedBy(quantity, 18);
}

/**
 * The day of a position: what it began with, and as one trade what changed it. The P&L of the trades is in the base currency, and
 * so much less was paid than they are worth at the mark. Trades that cancel out leave only the P&L itself.
 */
function saidOfDay(
  day: ExportRow,
  { quantity, mark, multiplier, rate }: { quantity: Decimal; mark: Decimal; multiplier: Decimal; rate: Decimal },
): { day?: DayFacts; dayPnl?: string } {
  const [open, pnl] = [day.amount('prevCloseQuantity'), day.amountOrZero('transactionMtm')];
  if (open === undefined || rate.sign <= 0) return {};
  const traded = quantity.minus(open);
  if (traded.sign === 0 && pnl.sign === 0) return { day: { openQuantity: digitsOf(open) } };
  if (traded.sign === 0) return { dayPnl: digitsOf(day.amountOrZero('priorOpenMtm').plus(pnl).dividedBy(rate, 18)) };
  const paid = traded.times(mark).times(multiplier).minus(pnl.dividedBy(rate, 18));
  return {
    day:
      traded.sign > 0
        ? { openQuantity: digitsOf(open), buyQuantity: digitsOf(traded), buyValue: digitsOf(paid) }
        : {
            openQuantity: digitsOf(open),
            sellQuantity: digitsOf(traded.negated()),
            sellValue: digitsOf(paid.negated()),
          },
  };
}

/** Cash by currency. `BASE_SUMMARY` is their sum; it counts only if there is nothing else. */
function cashOf(rows: readonly ExportRow[], equity: ExportRow | undefined, base: string): CashAmount[] | null {
  const amounts = rows.flatMap((row) => {
    const amount = row.amount('endingCash', 'total');
    return amount === undefined ? [] : [{ currency: row.needText('currency'), amount }];
  });
  const own = amounts.filter(({ currency }) => currency !== 'BASE_SUMMARY');
  if (own.length > 0)
    return own
      .filter(({ amount }) => amount.sign !== 0)
      .map(({ currency, amount }) => ({ currency, amount: digitsOf(amount) }));
  const total = amounts[0]?.amount ?? equity?.amount('cash');
  return total === undefined ? null : [{ currency: base, amount: digitsOf(total) }];
}

function ratesOf(rows: readonly ExportRow[], positions: readonly ExportRow[], base: string): ExportReading['rates'] {
  const rates = new Map<string, string>();
  const add = (from: string | undefined, to: string | undefined, rate: Decimal | undefined) => {
    if (from !== undefined && to === base && from !== base && rate !== undefined && rate.sign > 0)
      rates.set(from, digitsOf(rate));
  };
  for (const row of positions) add(row.text('currency'), base, row.amount('fxRateToBase'));
  for (const row of rows) add(row.text('fromCurrency'), row.text('toCurrency'), row.amount('rate'));
  return [...rates].map(([from, price]) => ({ base: from, quote: base, price }));
}
