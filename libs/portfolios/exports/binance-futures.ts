import {
  type ExportDocument,
  fieldsOf,
  isObject,
  type ForeignJson,
  documentParts,
  ignoredParts,
} from './export-document.js';
import {
  type CashAmount,
  digitsOf,
  type ExportReading,
  type ReadOptions,
  type ReadPosition,
  readPosition,
  refuseExport,
} from './export-reading.js';
import { type ExportRow, ExportTable } from './export-table.js';

type FuturesPart = 'account' | 'balance' | 'positionRisk' | 'exchangeInfo';

const LOOKS_FOR = 'the answers of Binance futures: account, balance, positionRisk or exchangeInfo';
/** Currencies that contracts of USD-M futures are settled in, for answers that do not name the margin asset. */
const SETTLED_IN = /(USDT|USDC|BUSD|FDUSD|BNFCR|BTC)(?:_\d+)?$/;

function kindOf(value: ForeignJson, name: string): FuturesPart | undefined {
  if (isObject(value)) {
    if (Array.isArray(value['assets']) && fieldsOf(value['assets'])?.['walletBalance'] !== undefined) return 'account';
    return Array.isArray(value['symbols']) ? 'exchangeInfo' : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (value.length === 0)
    return /position/i.test(name) ? 'positionRisk' : /balance/i.test(name) ? 'balance' : undefined;
  const fields = fieldsOf(value);
  if (fields === undefined) return undefined;
  if ('positionAmt' in fields && 'markPrice' in fields) return 'positionRisk';
  return 'asset' in fields && 'balance' in fields ? 'balance' : undefined;
}

/** Contract sizes and margin assets by symbol. */
type Contracts = ReadonlyMap<string, ExportRow>;

/**
 * Positions of Binance USD-M (linear) and COIN-M (inverse) futures, with the wallet of each margin asset as cash. Amounts are signed.
 * A COIN-M answer has no contract size: it is in exchangeInfo, and not the same for all contracts.
 */
export function binanceFutures(
  documents: readonly ExportDocument[],
  options: ReadOptions,
  margin: 'usdm' | 'coinm',
): ExportReading {
  const { found, names, unused } = documentParts(documents, kindOf, LOOKS_FOR);
  const tables = {
    account: new ExportTable('account'),
    assets: new ExportTable('assets'),
    balance: new ExportTable('balance'),
    risk: new ExportTable('positionRisk'),
    contracts: new ExportTable('exchangeInfo'),
  };
  const risk = found.get('positionRisk');
  if (risk === undefined)
    refuseExport('positionRisk', names.map(({ name }) => name).join(', '), 'positionRisk, which has the mark prices');
  const account = tables.account.rows(found.get('account')).at(-1);
  const contracts = new Map(
    tables.contracts
      .rows((found.get('exchangeInfo') ?? []).map((part) => (isObject(part) ? part['symbols']! : part)))
      .map((row) => [row.needText('symbol'), row] as const),
  );
  const cash = walletOf(tables, found);
  const rows = tables.risk.rows(risk);
  const held = rows.filter((row) => row.needAmount('positionAmt').sign !== 0);
  const positions = held.map((row) => positionOf(row, margin, contracts, names));
  const currencies = new Set([...(cash ?? []), ...positions].map(({ currency }) => currency!));
  const currency =
    options.currency ?? (margin === 'usdm' ? 'USDT' : currencies.size === 1 ? [...currencies][0]! : 'USD');
  const value =
    account && cash ? marginBalance(account, tables.assets.rows(assetsOf(found)), cash, currency) : undefined;
  const flat = rows.length - held.length;
  return {
    account: tables.balance.rows(found.get('balance')).at(-1)?.text('accountAlias') ?? null,
    asOf: null,
    currency,
    cash,
    venue: 'CRYPTO',
    ...(value === undefined ? {} : { value }),
    positions,
    rates: [],
    understood: names.map(({ kind, name, rows: count }) => ({ name: `${name} (${kind})`, rows: count })),
    ignored: {
      columns: [
        ...tables.account.unused.filter((name) => name !== 'account.assets'),
        ...[tables.assets, tables.balance, tables.risk].flatMap((table) => table.unused),
      ],
      rows: [...ignoredParts(unused), ...(flat > 0 ? [{ rows: 'of a contract without a position', count: flat }] : [])],
    },
    notes: cash === null ? ['Neither account nor balance was sent, so the cash is not known.'] : [],
  };
}

type Found = ReadonlyMap<FuturesPart, ForeignJson[]>;

const assetsOf = (found: Found) =>
  (found.get('account') ?? []).map((part) => (isObject(part) ? part['assets']! : part));

/** The wallet of each asset, before the profit of open positions. Null if no document has it. */
function walletOf(tables: { assets: ExportTable; balance: ExportTable }, found: Found): CashAmount[] | null {
  if (!found.has('account') && !found.has('balance')) return null;
  const rows = found.has('account')
    ? tables.assets.rows(assetsOf(found)).map((row) => ({ row, amount: row.needAmount('walletBalance') }))
    : tables.balance.rows(found.get('balance')).map((row) => ({ row, amount: row.needAmount('balance') }));
  return rows
    .filter(({ amount }) => amount.sign !== 0)
    .map(({ row, amount }) => ({ currency: row.needText('asset'), amount: digitsOf(amount) }));
}

/**
 * The venue's own worth of the account, where it counts all assets. An account in single-asset mode states only that of USDT:
 * then it is given if there is no other asset.
 */
function marginBalance(
  account: ExportRow,
  assets: readonly ExportRow[],
  cash: readonly CashAmount[],
  currency: string,
): string | undefined {
  const total = account.amount('totalMarginBalance');
  if (total === undefined || currency !== 'USDT') return undefined;
  const own = assets.find((row) => row.text('asset') === 'USDT')?.amount('marginBalance');
  const others = cash.some((amount) => amount.currency !== 'USDT');
  if (others && own !== undefined && own.compare(total) === 0) return undefined;
  return digitsOf(total);
}

function positionOf(
  row: ExportRow,
  margin: 'usdm' | 'coinm',
  contracts: Contracts,
  names: readonly { name: string }[],
): ReadPosition {
  const symbol = row.needText('symbol');
  const contract = contracts.get(symbol);
  if (margin === 'coinm' && contract === undefined)
    refuseExport(
      'exchangeInfo',
      names.map(({ name }) => name).join(', '),
      `exchangeInfo with the contractSize of ${symbol}`,
    );
  const currency =
    row.text('marginAsset') ??
    contract?.text('marginAsset') ??
    SETTLED_IN.exec(symbol)?.[1] ??
    refuseExport(`${row.place}.marginAsset`, symbol, 'the margin asset of the contract');
  const leg = row.text('positionSide');
  return readPosition(
    { symbol, key: symbol, leg: leg === 'BOTH' ? undefined : leg },
    {
      quantity: row.needAmount('positionAmt'),
      average: row.amount('entryPrice'),
      last: row.needAmount('markPrice'),
      multiplier: margin === 'coinm' ? contract!.needAmount('contractSize') : undefined,
    },
    { currency, valuation: 'margined', ...(margin === 'coinm' && { pricing: 'inverse' as const }) },
  );
}
