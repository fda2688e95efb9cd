import { Decimal } from '#decimal';
import { averageCosts, type LedgerTrade } from './average-cost.js';
import { type ExportDocument, isObject, type ForeignObject } from './export-document.js';
import { type CashAmount, digitsOf, type ExportReading, type ReadOptions, refuseExport } from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

/** Activities that move no quantity. */
const WITHOUT_QUANTITY = new Set(['DIVIDEND', 'FEE', 'INTEREST', 'LIABILITY']);

/**
 * An export of ghostfolio: activities, not positions. Each security is held at its average cost, fees apart, and has no price; the cash is
 * the newest balance of each account.
 */
export function ghostfolioExport(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const exported = exportOf(documents);
  const [activities, accounts] = [new ExportTable('activities'), new ExportTable('accounts')];
  const made = new ExportTable('meta').rows([exported['meta'] ?? {}])[0]!.text('date');
  const asOf = made === undefined || Number.isNaN(Date.parse(made)) ? null : new Date(made).toISOString();
  const rows = accounts.rows([exported['accounts'] ?? []]);
  const owners = new Map(rows.map((row) => [row.text('id') ?? '', row]));
  const wanted = options.account !== undefined && owners.has(options.account) ? options.account : undefined;
  const ofAccount = (row: ExportRow) => wanted === undefined || row.text('accountId') === wanted;
  const ignored = { unmoved: 0, later: 0, others: 0 };
  const trades = activities.rows([exported['activities']!]).flatMap((row): LedgerTrade[] => {
    const type = row.needText('type');
    const at = row.needText('date');
    if (!ofAccount(row)) ignored.others += 1;
    else if (WITHOUT_QUANTITY.has(type)) ignored.unmoved += 1;
    else if (Date.parse(at) > Date.parse(asOf ?? options.now)) ignored.later += 1;
    else return [tradeOf(row, type, at)];
    return [];
  });
  const { positions, closed } = averageCosts(trades.filter(({ quantity }) => quantity.sign !== 0));
  const count = (rowsOf: string, n: number) => (n > 0 ? [{ rows: rowsOf, count: n }] : []);
  return {
    account: wanted ?? (rows.length === 1 ? (rows[0]!.text('id') ?? null) : null),
    asOf,
    currency: options.currency ?? currencyOf(exported, rows),
    cash: rows.length === 0 ? null : cashOf(wanted === undefined ? rows : [owners.get(wanted)!], exported),
    positions,
    rates: [],
    understood: [
      { name: 'activities', rows: trades.length },
      { name: 'accounts', rows: rows.length },
    ],
    ignored: {
      columns: [...activities.unused, ...accounts.unused.filter((name) => name !== 'accounts.balances')],
      rows: [
        ...count('of activities that move no quantity (dividends, fees, interest)', ignored.unmoved),
        ...count('of activities after the time of the export, which are drafts', ignored.later),
        ...count('of activities of other accounts', ignored.others),
        ...count('securities that were sold completely', closed),
      ],
    },
    notes: ['The export has activities and no prices: positions are at average cost, and a quote values them.'],
  };
}

function exportOf(documents: readonly ExportDocument[]): ForeignObject {
  if (documents.length > 1)
    refuseExport('documents', documents.map(({ name }) => name).join(', '), 'one export; it has all accounts');
  for (const document of documents)
    if (document.kind === 'json' && isObject(document.value) && Array.isArray(document.value['activities']))
      return document.value;
  return refuseExport(
    'activities',
    documents.map(({ name }) => name).join(', '),
    'an export of ghostfolio with `activities`',
  );
}

function tradeOf(row: ExportRow, type: string, at: string): LedgerTrade {
  const quantity = row.needAmount('quantity');
  if (type !== 'BUY' && type !== 'SELL' && type !== 'ITEM')
    refuseExport(`${row.place}.type`, type, 'BUY, SELL, ITEM, DIVIDEND, FEE, INTEREST or LIABILITY');
  const symbol = row.needText('symbol');
  return {
    key: symbol,
    symbol,
    currency: row.needText('currency'),
    at,
    quantity: type === 'SELL' ? quantity.negated() : quantity,
    price: row.needAmount('unitPrice'),
  };
}

function currencyOf(exported: ForeignObject, accounts: readonly ExportRow[]): string {
  const user = exported['user'];
  const settings = isObject(user) ? user['settings'] : undefined;
  const own = isObject(settings) ? settings['currency'] : undefined;
  if (typeof own === 'string' && own !== '') return own;
  return (
    accounts[0]?.text('currency') ??
    refuseExport('user.settings.currency', undefined, 'a currency; name it in `currency`')
  );
}

/** The newest balance of each account, by currency. */
function cashOf(rows: readonly ExportRow[], exported: ForeignObject): CashAmount[] {
  const balances = new ExportTable('balances');
  const lists = new Map(
    (Array.isArray(exported['accounts']) ? exported['accounts'] : [])
      .filter(isObject)
      .map((account) => [account['id'], account['balances']]),
  );
  const sums = new Map<string, Decimal>();
  for (const row of rows) {
    const list = lists.get(row.text('id') ?? '');
    const newest = balances
      .rows(Array.isArray(list) ? [list] : [])
      .sort((a, b) => (a.needText('date') < b.needText('date') ? 1 : -1))[0];
    const amount = newest?.amount('value');
    const currency = row.text('currency');
    if (amount !== undefined && currency !== undefined)
      sums.set(currency, (sums.get(currency) ?? Decimal.ZERO).plus(amount));
  }
  return [...sums].map(([currency, amount]) => ({ currency, amount: digitsOf(amount) }));
}
