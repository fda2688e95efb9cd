/** Exchanges that people write in front of a symbol (`NSE:RELIANCE`) or after it (`RELIANCE NSE`). */
const VENUES = new Set(
  (
    'NSE BSE NFO BFO CDS BCD MCX NCDEX NCO NSEIX NYSE NASDAQ ARCA AMEX BATS IEX OPRA CME CBOT NYMEX COMEX LSE XETR XETRA ' +
    'BINANCE BYBIT OKX KRAKEN COINBASE DERIBIT'
  ).split(' '),
);

/** A query and the exchange that it names. */
export interface SearchWords {
  text: string;
  venue?: string;
}

/** Takes the exchange out of a query. The first word is one only before a colon, because BSE and MCX are companies too. */
export function searchWords(query: string): SearchWords {
  const text = query.trim();
  const [, before, rest] = /^([A-Za-z]{2,10}):\s*(\S.*)$/.exec(text) ?? [];
  if (before !== undefined && VENUES.has(before.toUpperCase())) return { text: rest!, venue: before.toUpperCase() };
  const [, first, last] = /^(\S.*?)\s+([A-Za-z]{2,10})$/.exec(text) ?? [];
  if (last !== undefined && VENUES.has(last.toUpperCase())) return { text: first!, venue: last.toUpperCase() };
  return { text };
}
