import type { z } from 'zod';
import { currencyCode } from '#text';
import { brokerSources } from './brokers/broker-source.js';
import { configSlice, duration, env, integer, secret, type SliceValue } from '#config';

export const portfoliosConfig = configSlice(
  'portfolios',
  {
    maxPerTrader: env('PORTFOLIOS_MAX_PER_TRADER', integer(500, 1, 1_000_000), 'Maximum portfolios of a trader'),
    maxPerOperator: env(
      'PORTFOLIOS_MAX_PER_OPERATOR',
      integer(10_000, 1, 1_000_000),
      'Maximum portfolios of an operator or admin',
    ),
    maxPositions: env('PORTFOLIOS_MAX_POSITIONS', integer(2_000, 1, 5_000), 'Maximum positions of a portfolio'),
    maxPositionsPerTrader: env(
      'PORTFOLIOS_MAX_POSITIONS_PER_TRADER',
      integer(10_000, 1, 10_000_000),
      'Maximum positions of a trader in all portfolios',
    ),
    maxPositionsPerOperator: env(
      'PORTFOLIOS_MAX_POSITIONS_PER_OPERATOR',
      integer(200_000, 1, 10_000_000),
      'Maximum positions of an operator or admin in all portfolios',
    ),
    maxQuotes: env(
      'PORTFOLIOS_MAX_QUOTES',
      integer(500_000, 1, 10_000_000),
      'Maximum contracts with a quote, of all brokers',
    ),
    maxRates: env('PORTFOLIOS_MAX_RATES', integer(2_000, 1, 100_000), 'Maximum pairs of currencies with a rate'),
    maxAdjustments: env(
      'PORTFOLIOS_MAX_ADJUSTMENTS',
      integer(100_000, 1, 10_000_000),
      'Maximum splits of contracts, of all brokers',
    ),
    historyRetentionMs: env(
      'PORTFOLIOS_HISTORY_RETENTION',
      duration('1825d', '35d', '3650d'),
      'How long the history of portfolios is kept. Removed by month',
    ),
    brokerPositions: env(
      'PORTFOLIOS_BROKER_POSITIONS',
      brokerSources(),
      'Where brokers answer the positions of an account: BROKER=FORMAT URL, comma-separated, e.g. zerodha=kite https://api.kite.trade/portfolio/positions',
    ),
    brokerAuthorization: env(
      'PORTFOLIOS_BROKER_AUTHORIZATION',
      secret(3),
      'Authorization headers of these requests: BROKER=TEXT with {token}, comma-separated. Without one: Bearer {token}',
      { secret: true },
    ),
    baseCurrency: env(
      'PORTFOLIOS_BASE_CURRENCY',
      currencyCode.optional() as unknown as z.ZodType<string | undefined>,
      'Currency of the total over all currencies, for example USD. Unset: no such total',
    ),
  },
  {
    /** How far in the future the `asOf` of a snapshot or quote may lie, in ms. */
    aheadToleranceMs: 300_000,
    /** Time between the starts of two writes of quotes, in ms. The first quote after a pause is written at once. */
    quotesFlushMs: 50,
    /** Maximum number of quotes of one write, unless one request has more. */
    quotesPerFlushMax: 10_000,
    /** Maximum number of quotes that wait to be written in a process. */
    quotesWaitingMax: 100_000,
    /** How long the last marks of half hours are kept, in ms: longer than any venue closes. */
    quoteMarksMs: 14 * 86_400_000,
    /** Maximum size of the documents of one import together, in bytes. */
    importBytesMax: 8_388_608,
    /** Maximum number of points in one answer of a portfolio history. */
    historyPointsMax: 5_000,
    /** Maximum duration of one request to a broker, in ms. */
    brokerTimeoutMs: 10_000,
    /** Maximum size of a broker's answer after decompression, in bytes. */
    brokerAnswerMaxBytes: 8_388_608,
    /** Part of the heap for positions that stay valued in memory, in percent. */
    keptHeapPercent: 25,
    /** Open time of the venue after which a price is stale, in ms. */
    staleAfterMs: 900_000,
  },
);

export type PortfoliosConfig = SliceValue<typeof portfoliosConfig>;
