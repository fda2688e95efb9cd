/** The size of a load. Rates are of all processes together. */
export interface LoadSize {
  traders: number;
  sockets: number;
  instruments: number;
  readsPerSecond: number;
  quotesPerSecond: number;
  newsPerSecond: number;
  /** Length of each phase, in seconds. */
  seconds: number;
}

/** What one machine of two cores runs beside the generator of the load. */
export const FULL: LoadSize = {
  ...{ traders: 100, sockets: 200, instruments: 2_000 },
  ...{ readsPerSecond: 40, quotesPerSecond: 2_500, newsPerSecond: 10, seconds: 15 },
};

/** A step of the ladder that `--capacity` climbs, and the load at which it measures costs. */
export const STEP: LoadSize = {
  ...{ traders: 100, sockets: 100, instruments: 2_000 },
  ...{ readsPerSecond: 40, quotesPerSecond: 2_500, newsPerSecond: 1, seconds: 20 },
};

/** The short form, which `npm test` runs. */
export const SHORT: LoadSize = {
  ...{ traders: 5, sockets: 20, instruments: 100 },
  ...{ readsPerSecond: 10, quotesPerSecond: 200, newsPerSecond: 5, seconds: 1 },
};

/** A part of the trading day. The factors multiply the rates of the size. */
export interface Phase {
  name: 'open' | 'steady' | 'news' | 'reconnect' | 'close';
  about: string;
  reads: number;
  quotes: number;
  news: number;
}

export const DAY: readonly Phase[] = [
  { name: 'open', about: 'All screens connect and subscribe while quotes begin', reads: 2, quotes: 1, news: 0 },
  { name: 'steady', about: 'Screens follow the quotes', reads: 1, quotes: 1, news: 0 },
  { name: 'news', about: 'Twice the quotes and reads, and alerts that go to a webhook', reads: 2, quotes: 2, news: 1 },
  { name: 'reconnect', about: 'All sockets are lost at once and come back', reads: 1, quotes: 1, news: 0 },
  { name: 'close', about: 'Quotes end, and reads go on', reads: 1, quotes: 0, news: 0 },
];
