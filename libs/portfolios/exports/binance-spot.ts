import { Decimal } from '#decimal';
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
} from './export-reading.js';
import { ExportTable } from './export-table.js';

type SpotPart = 'account' | 'balances' | 'prices';

const LOOKS_FOR = 'the answers of Binance spot: /api/v3/account, getUserAsset or /api/v3/ticker/price';
/** Currencies of a snapshot. Further assets become positions. */
const CURRENCIES_MAX = 100;
const CURRENCY = /^[A-Z0-9]{2,12}$/;

function kindOf(value: ForeignJson): SpotPart | undefined {
  if (isObject(value)) return Array.isArray(value['balances']) ? 'account' : undefined;
  const fields = fieldsOf(value);
  if (fields === undefined) return undefined;
  if ('asset' in fields && 'free' in fields) return 'balances';
  return 'symbol' in fields && 'price' in fields ? 'prices' : undefined;
}

/**
 * Balances of Binance spot: an asset is a currency of its own, so its worth is known where the desk has a rate. Prices, if they
 * are sent too, are used as rates of this answer. An asset whose name is no currency becomes a position without a price.
 */
export function binanceSpot(documents: readonly ExportDocument[], options: ReadOptions): ExportReading {
  const { found, names, unused } = documentParts(documents, kindOf, LOOKS_FOR);
  const [accounts, balances, tickers] = [
    new ExportTable('account'),
    new ExportTable('balances'),
    new ExportTable('prices'),
  ];
  const account = accounts.rows(found.get('account')).at(-1);
  const lists = [...(found.get('account') ?? []).map((part) => (isObject(part) ? part['balances']! : part))];
  const currency = options.currency ?? 'USDT';
  const prices = new Map(
    tickers.rows(found.get('prices')).map((row) => [row.needText('symbol'), row.needAmount('price')] as const),
  );
  const cash: CashAmount[] = [];
  const positions: ReadPosition[] = [];
  let [empty, rows] = [0, 0];
  for (const row of balances.rows([...lists, ...(found.get('balances') ?? [])])) {
    rows += 1;
    const asset = row.needText('asset');
    const parts = ['free', 'locked', 'freeze', 'withdrawing'].map((part) => row.amountOrZero(part));
    const amount = parts.reduce((sum, part) => sum.plus(part), Decimal.ZERO);
    if (amount.sign === 0) empty += 1;
    else if (CURRENCY.test(asset) && cash.length < CURRENCIES_MAX)
      cash.push({ currency: asset, amount: digitsOf(amount) });
    else
      positions.push(
        readPosition({ symbol: asset, key: asset }, { quantity: amount, last: prices.get(`${asset}${currency}`) }),
      );
  }
  return {
    account: account?.text('uid') ?? null,
    asOf: null,
    currency,
    cash,
    venue: 'CRYPTO',
    positions,
    rates: cash.flatMap(({ currency: base }) => {
      const price = prices.get(`${base}${currency}`);
      return price === undefined || price.sign <= 0 ? [] : [{ base, quote: currency, price: digitsOf(price) }];
    }),
    understood: names.map(({ kind, name, rows: count }) => ({
      name: `${name} (${kind})`,
      rows: kind === 'prices' ? count : rows,
    })),
    ignored: {
      columns: [
        ...accounts.unused.filter((name) => name !== 'account.balances'),
        ...balances.unused,
        ...tickers.unused,
      ],
      rows: [
        ...ignoredParts(unused),
        ...(empty > 0 ? [{ rows: 'of an asset with a balance of 0', count: empty }] : []),
      ],
    },
    notes: [],
  };
}
