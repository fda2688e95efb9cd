import { Decimal } from '#decimal';
import type { VenueName } from '#venues';
import {
  type ExportDocument,
  fieldsOf,
  isObject,
  type ForeignJson,
  documentParts,
  ignoredParts,
} from './export-document.js';
import { digitsOf, type ExportReading, type ReadOptions, type ReadPosition, readPosition } from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

type AlpacaPart = 'account' | 'positions';

const LOOKS_FOR = 'the answers of Alpaca: /v2/account or /v2/positions';
/** Shares that an option of the United States is of. The answer does not say it. */
const OPTION_MULTIPLIER = Decimal.of(100n);

function kindOf(value: ForeignJson, name: string): AlpacaPart | undefined {
  if (isObject(value) && 'equity' in value && 'cash' in value) return 'account';
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0) return /position/i.test(name) ? 'positions' : undefined;
  const fields = fieldsOf(value);
  return fields !== undefined && 'avg_entry_price' in fields && 'qty' in fields ? 'positions' : undefined;
}

/**
 * Positions and account of Alpaca. Its own figures are given: the P&L of the day of a position that was opened today counts
 * from its entry. `change_today` is always against the last close and is not used; the `multiplier` of the account is leverage.
 */
export function alpacaExport(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const { found, names, unused } = documentParts(documents, kindOf, LOOKS_FOR);
  const [accounts, table] = [new ExportTable('account'), new ExportTable('positions')];
  const account = accounts.rows(found.get('account')).at(-1);
  const positions = table.rows(found.get('positions')).map(positionOf);
  const notes: string[] = [];
  if (account === undefined) notes.push('The account was not sent: cash, equity and the P&L of the day are not known.');
  if (!found.has('positions')) notes.push('Positions were not sent.');
  const currency = options.currency ?? account?.text('currency') ?? 'USD';
  return {
    account: account?.text('account_number', 'id') ?? null,
    asOf: null,
    currency,
    venue: 'NYSE',
    ...(account === undefined ? { cash: null } : figuresOf(account, currency)),
    positions,
    rates: [],
    understood: names.map(({ kind, name, rows }) => ({ name: `${name} (${kind})`, rows })),
    ignored: { columns: [...accounts.unused, ...table.unused], rows: ignoredParts(unused) },
    notes,
  };
}

function figuresOf(account: ExportRow, currency: string): Pick<ExportReading, 'cash' | 'value' | 'dayPnl'> {
  const [equity, before] = [account.needAmount('equity'), account.amount('last_equity')];
  return {
    cash: [{ currency, amount: digitsOf(account.needAmount('cash')) }],
    value: digitsOf(equity),
    ...(before === undefined ? {} : { dayPnl: digitsOf(equity.minus(before)) }),
  };
}

function positionOf(row: ExportRow): ReadPosition {
  const symbol = row.needText('symbol');
  const kind = row.text('asset_class');
  const sent = row.needAmount('qty');
  const quantity = row.text('side') === 'short' && sent.sign > 0 ? sent.negated() : sent;
  const [value, dayPnl] = [row.amount('market_value'), row.amount('unrealized_intraday_pl')];
  const venue: VenueName = kind === 'crypto' ? 'CRYPTO' : 'NYSE';
  return readPosition(
    { symbol, key: row.text('asset_id') ?? symbol },
    {
      quantity,
      average: row.amount('avg_entry_price'),
      last: row.amount('current_price'),
      close: row.amount('lastday_price'),
      multiplier: kind === 'us_option' ? OPTION_MULTIPLIER : undefined,
    },
    {
      venue,
      ...(value === undefined ? {} : { value: digitsOf(value) }),
      ...(dayPnl === undefined ? {} : { dayPnl: digitsOf(dayPnl) }),
    },
  );
}
