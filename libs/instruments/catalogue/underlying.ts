/**
 * The underlying of a derivative in upper case (ASCII), as SQL: what the master names; else its name, if the symbol starts
 * with it; else the symbol up to its first digit. Masters leave the name blank, give the company's, or one per contract.
 * The migration that fills `instrument_series` has a copy.
 */
export function underlyingSql(row: string): string {
  const [symbol, name] = [`upper(${row}.tradingsymbol COLLATE "C")`, `upper(${row}.name COLLATE "C")`];
  return `coalesce(upper(nullif(${row}.attributes->>'underlying', '') COLLATE "C"),
    CASE WHEN ${row}.name <> '' AND starts_with(${symbol}, ${name}) THEN ${name}
         ELSE coalesce(nullif(rtrim(split_part(split_part(translate(${symbol}, '123456789', '000000000'), '0', 1), ' FUT', 1), ' -_:'), ''),
                       nullif(${name}, ''), ${symbol}) END)`;
}

/** Whether a contract is a call, a put or a future, as SQL; null for other contracts. Masters say it in a column or in the symbol only. */
export function sideSql(row: string): string {
  const [symbol, said] = [
    `upper(${row}.tradingsymbol)`,
    `upper(coalesce(${row}.attributes->>'optionType', ${row}.attributes->>'option_type', ${row}.instrument_type, ''))`,
  ];
  const inSymbol = (side: string) =>
    `${symbol} ~ '(?:\\d *-?${side[0]}E?$)|(?: ${side}E?(?: |$))|(?:\\d{6}${side[0]}\\d{8}$)'`;
  return `CASE WHEN ${row}.expiry IS NULL THEN NULL
    WHEN ${said} IN ('CE', 'CA', 'C', 'CALL') THEN 'call' WHEN ${said} IN ('PE', 'PA', 'P', 'PUT') THEN 'put'
    WHEN ${row}.strike IS NULL OR ${row}.strike = 0 OR ${said} LIKE 'FUT%' THEN 'future'
    WHEN ${inSymbol('C')} THEN 'call' WHEN ${inSymbol('P')} THEN 'put' END`;
}

/** The codes of a contract without expiry, as SQL: the expression of `idx_instruments_codes`. */
export function codesSql(row: string): string {
  const of = (name: string) => `${row}.attributes->>'${name}'`;
  return `(ARRAY[${CODES.map(of).join(', ')}])`;
}

const CODES = [
  'isin',
  'ISIN',
  'exchange_token',
  'exchangeToken',
  'token',
  'Token',
  'security_id',
  'scripcode',
  'ScripCode',
  'figi',
];
