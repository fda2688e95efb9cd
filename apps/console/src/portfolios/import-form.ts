import type { CallInit } from '@deskwire/client';

type ImportQuery = NonNullable<CallInit<'/v1/portfolios/{id}/snapshot', 'post'>['query']>;

/** Documents of brokers that the desk reads. A format that the API has and this list lacks does not compile. */
const FORMATS: Record<NonNullable<ImportQuery['format']>, string> = {
  kite: 'Zerodha Kite: positions and holdings',
  upstox: 'Upstox: positions and holdings',
  angel: 'Angel One: positions and holdings',
  alpaca: 'Alpaca: positions and account',
  'binance-spot': 'Binance spot: account',
  'binance-usdm': 'Binance USD-M futures: account',
  'binance-coinm': 'Binance COIN-M futures: account',
  'ibkr-flex': 'Interactive Brokers: Flex query (XML)',
  'ibkr-activity': 'Interactive Brokers: activity statement (CSV)',
  ghostfolio: 'Ghostfolio: export',
  'portfolio-performance': 'Portfolio Performance: CSV',
  csv: 'Any CSV with one row a position',
};
export const IMPORT_FORMATS = Object.entries(FORMATS).map(([value, label]) => ({ value, label }));

/** What a person fills in beside the documents. Empty texts are not sent. */
export interface ImportForm {
  portfolioId: string;
  format: string;
  broker: string;
  account: string;
  asOf: string;
  currency: string;
  cash: string;
  keys: string;
  columns: string;
  decimalMark: string;
  allowEmpty: boolean;
}

export const EMPTY_IMPORT: ImportForm = {
  ...{
    portfolioId: '',
    format: 'kite',
    broker: '',
    account: '',
    asOf: '',
    currency: '',
    cash: '',
    keys: '',
    columns: '',
  },
  ...{ decimalMark: '', allowEmpty: false },
};

const PORTFOLIO_ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;

/** What is wrong with the form, in words; undefined if it can be sent. */
export function importIssue({ portfolioId, asOf }: ImportForm, files: number): string | undefined {
  if (!PORTFOLIO_ID.test(portfolioId))
    return 'Name the portfolio: letters, digits, ".", "_", ":" or "-", starting with a letter or digit, at most 64.';
  if (asOf !== '' && Number.isNaN(Date.parse(asOf))) return 'Write the time such as 2026-11-26T15:30:00+05:30.';
  if (files === 0) return 'Add the documents of the broker.';
  if (files > 8) return `An import has at most 8 documents; these are ${files}.`;
  return undefined;
}

/** Query of the import. */
export function importQuery(form: ImportForm, dryRun: boolean): Record<string, string> {
  const { portfolioId: _, format, allowEmpty, keys, columns, decimalMark, ...texts } = form;
  const fields = {
    ...texts,
    ...(format === 'kite' && { keys }),
    ...(format === 'csv' && { columns, decimalMark }),
    allowEmpty: allowEmpty ? 'true' : '',
    dryRun: dryRun ? 'true' : '',
  };
  const filled = Object.entries(fields).flatMap(([name, text]) => (text.trim() === '' ? [] : [[name, text.trim()]]));
  return { format, ...(Object.fromEntries(filled) as Record<string, string>) };
}
