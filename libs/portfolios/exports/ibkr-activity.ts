import papaparse from 'papaparse';
import { Decimal } from '#decimal';
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

const POSITIONS = 'Open Positions';
const NET_ASSETS = 'Net Asset Value';
const CASH_REPORT = 'Cash Report';
const MTM = 'Mark-to-Market Performance Summary';
const RATES = 'Base Currency Exchange Rate';
const CONTRACTS = 'Financial Instrument Information';
const HUNDREDTH = Decimal.of(1n, 2);

/** The rows of a section, each with the header above it. Totals and subtotals are left out. */
class Section {
  readonly table: ExportTable;
  readonly rows: ExportRow[] = [];
  totals = 0;

  constructor(readonly name: string) {
    this.table = new ExportTable(name);
  }
}

/**
 * An activity statement of Interactive Brokers as CSV: the first column is the section, the second says whether a row is a header, data
 * or a total, and a section may have several headers. Only English statements are read, because names are translated.
 */
export function ibkrActivity(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const sections = sectionsOf(documents);
  const section = (name: string) => sections.get(name) ?? new Section(name);
  const positions = sections.get(POSITIONS);
  if (positions === undefined)
    refuseExport(
      'sections',
      [...sections.keys()].join(', '),
      `the section "${POSITIONS}" of an English statement: set the language of the statement to English`,
    );
  const fact = (of: string, name: string) => {
    const said = new Set(
      section(of)
        .rows.filter((row) => row.text('Field Name') === name)
        .map((row) => row.text('Field Value')),
    );
    if (said.size > 1) refuseExport(`${of}.${name}`, [...said].join(', '), 'one, the same in all documents');
    return [...said][0];
  };
  const account = fact('Account Information', 'Account');
  const period = (
    fact('Statement', 'Period') ?? refuseExport('Statement.Period', undefined, 'the period of the statement')
  ).split(' - ');
  const [from, to] = [period[0]!, period.at(-1)!].map(
    (text) => statementDay(text) ?? refuseExport('Statement.Period', text, 'a day such as "November 24, 2026"'),
  ) as [string, string];
  const currency =
    options.currency ??
    fact('Account Information', 'Base Currency') ??
    refuseExport('Account Information', undefined, 'the Base Currency; name it in `currency`');
  const notes: string[] = [];
  const ignored: IgnoredRows[] = [];
  const summaries = positions.rows.filter((row) => (row.text('DataDiscriminator') ?? 'Summary') === 'Summary');
  const lots = positions.rows.length - summaries.length;
  if (lots > 0) ignored.push({ rows: `of ${POSITIONS} that are lots of a position`, count: lots });
  for (const { name, totals } of sections.values())
    if (totals > 0) ignored.push({ rows: `of ${name} that are totals`, count: totals });
  const days = section(MTM).rows.filter(
    (row) => row.text('Symbol') !== undefined && row.text('Asset Category') !== 'Forex',
  );
  const isOneDay = from === to;
  if (!isOneDay) notes.push(`The statement is of ${from} to ${to}: its P&L is of no one day and is not used.`);
  const sum = (...columns: string[]) =>
    days.reduce(
      (total, row) => columns.reduce((part, column) => part.plus(row.amountOrZero(column)), total),
      Decimal.ZERO,
    );
  const net = section(NET_ASSETS).rows.filter((row) => row.text('Asset Class') !== undefined);
  const total = net.find((row) => row.text('Asset Class') === 'Total')?.amount('Current Total');
  const cash = cashOf(section(CASH_REPORT).rows, net, currency);
  if (cash === null) notes.push(`Neither ${CASH_REPORT} nor ${NET_ASSETS} has the cash, so it is not known.`);
  const conids = conidsOf(section(CONTRACTS).rows);
  return {
    account: account ?? null,
    ...endOfStatement(to, options.now),
    currency,
    cash,
    ...(total === undefined ? {} : { value: digitsOf(total) }),
    ...(isOneDay && days.length > 0
      ? {
          dayPnl: digitsOf(sum('Mark-to-Market P/L Position', 'Mark-to-Market P/L Transaction')),
          dayFees: digitsOf(sum('Mark-to-Market P/L Commissions').negated()),
        }
      : {}),
    positions: summaries.map((row) => positionOf(row, conids, isOneDay ? closesOf(days) : new Map())),
    rates: ratesOf(section(RATES).rows, currency),
    understood: [...sections.values()].map(({ name, rows }) => ({ name, rows: rows.length })),
    ignored: {
      columns: [POSITIONS, MTM, NET_ASSETS, CASH_REPORT].flatMap((name) => section(name).table.unused),
      rows: ignored,
    },
    notes,
  };
}

function sectionsOf(documents: readonly ExportDocument[]): Map<string, Section> {
  const sections = new Map<string, Section>();
  for (const document of documents) {
    if (document.kind !== 'text')
      refuseExport(document.name, document.kind.toUpperCase(), 'an activity statement as CSV');
    const { data } = papaparse.parse<string[]>(document.text.replace(/^\uFEFF/, ''), { skipEmptyLines: 'greedy' });
    const headers = new Map<string, string[]>();
    data.forEach(([name = '', kind = '', ...cells], index) => {
      const section = sections.get(name) ?? new Section(name);
      sections.set(name, section);
      if (kind === 'Header') headers.set(name, cells);
      else if (kind === 'Total' || kind === 'SubTotal') section.totals += 1;
      else if (kind === 'Data') {
        const header = headers.get(name) ?? [];
        const fields = Object.fromEntries(header.map((column, at) => [column.trim(), cells[at] ?? '']));
        section.rows.push(section.table.row(fields, `${document.name}, line ${index + 1}`));
      }
    });
  }
  return sections;
}

function positionOf(
  row: ExportRow,
  conids: ReadonlyMap<string, string>,
  closes: ReadonlyMap<string, Decimal | undefined>,
): ReadPosition {
  const symbol = row.needText('Symbol');
  const category = row.text('Asset Category') ?? 'Stocks';
  const last = row.needAmount('Close Price');
  const own = row.amount('Mult');
  const inCash = /^(?:Futures|CFDs)$/.test(category);
  return readPosition(
    { symbol, key: conids.get(`${category} ${symbol}`) ?? symbol },
    {
      quantity: row.needAmount('Quantity'),
      average: row.amount('Cost Price'),
      last,
      close: closes.get(`${category} ${symbol}`),
      multiplier:
        /^(?:Bonds|Treasury Bills)$/.test(category) && (own === undefined || String(own) === '1') ? HUNDREDTH : own,
    },
    {
      currency: row.needText('Currency'),
      ...(category === 'Forex' ? { valuation: 'memo' as const } : {}),
      ...(inCash ? { valuation: 'margined' as const, settlementPrice: digitsOf(last) } : {}),
    },
  );
}

/** The previous close of what was held before. What was bought today has none here. */
function closesOf(days: readonly ExportRow[]): Map<string, Decimal | undefined> {
  return new Map(
    days.flatMap((row) =>
      row.amountOrZero('Prior Quantity').compare(row.amountOrZero('Current Quantity')) === 0
        ? [[`${row.text('Asset Category')} ${row.text('Symbol')}`, row.amount('Prior Price')] as const]
        : [],
    ),
  );
}

/** Cash by currency, else the cash of the net asset value, which is in the base currency. */
function cashOf(report: readonly ExportRow[], net: readonly ExportRow[], base: string): CashAmount[] | null {
  const own = report.flatMap((row) => {
    const currency = row.text('Currency');
    const amount = row.text('Currency Summary') === 'Ending Cash' ? row.amount('Total') : undefined;
    return currency === undefined || amount === undefined || /summary/i.test(currency) ? [] : [{ currency, amount }];
  });
  if (own.length > 0)
    return own
      .filter(({ amount }) => amount.sign !== 0)
      .map(({ currency, amount }) => ({ currency, amount: digitsOf(amount) }));
  const total = net.find((row) => row.text('Asset Class')?.trim() === 'Cash')?.amount('Current Total');
  return total === undefined ? null : [{ currency: base, amount: digitsOf(total) }];
}

function conidsOf(rows: readonly ExportRow[]): Map<string, string> {
  return new Map(
    rows.flatMap((row) => {
      const [symbols, conid] = [row.text('Symbol'), row.text('Conid')];
      if (symbols === undefined || conid === undefined) return [];
      return symbols.split(',').map((symbol) => [`${row.text('Asset Category')} ${symbol.trim()}`, conid] as const);
    }),
  );
}

function ratesOf(rows: readonly ExportRow[], base: string): ExportReading['rates'] {
  return rows.flatMap((row) => {
    const [currency, rate] = [row.text('Currency'), row.amount('Exchange Rate', 'Rate')];
    return currency === undefined || currency === base || rate === undefined || rate.sign <= 0
      ? []
      : [{ base: currency, quote: base, price: digitsOf(rate) }];
  });
}
