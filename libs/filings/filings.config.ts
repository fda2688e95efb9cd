import { z } from 'zod';
import { configSlice, env, secret, type SliceValue, text } from '#config';
import { PRICE_PAIR } from './summaries/summary-price.js';

const provider = z
  .enum(['none', 'gemini', 'openai-compatible'], { error: 'none, gemini or openai-compatible' })
  .default('none') as unknown as z.ZodType<'none' | 'gemini' | 'openai-compatible'>;

const dollars = (byDefault: string) =>
  z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, { error: 'dollars such as 25.00' })
    .default(byDefault) as unknown as z.ZodType<string>;

const tickersUrl = z
  .string()
  .refine((url) => url === '' || URL.canParse(url), { error: 'an http(s) URL, or empty' })
  .default('https://www.sec.gov/files/company_tickers.json') as unknown as z.ZodType<string>;

const pricePair = { error: 'dollars for a million tokens in and out, such as 0.10/0.40' };

export const filingsConfig = configSlice(
  'filings',
  {
    provider: env('FILINGS_SUMMARY_PROVIDER', provider, 'Provider of summaries: gemini, openai-compatible or none'),
    model: env('FILINGS_SUMMARY_MODEL', text(), 'Model of the provider. gemini uses gemini-2.5-flash-lite if unset'),
    apiKey: env('FILINGS_SUMMARY_API_KEY', secret(1), 'API key of the provider. Optional for a self-hosted model', {
      secret: true,
    }),
    baseUrl: env(
      'FILINGS_SUMMARY_BASE_URL',
      text(),
      'URL of an openai-compatible API up to its version, e.g. https://api.openai.com/v1',
    ),
    price: env(
      'FILINGS_SUMMARY_PRICE_USD',
      z.string().regex(PRICE_PAIR, pricePair).optional() as z.ZodType<string | undefined>,
      'Price of the model in US dollars per million tokens, input/output, e.g. 0.10/0.40. Unset: the built-in table',
    ),
    monthlyBudget: env(
      'FILINGS_MONTHLY_BUDGET_USD',
      dollars('20.00'),
      'Maximum cost of summaries per calendar month (UTC), in US dollars. Feeds continue when it is spent',
    ),
    tickersUrl: env(
      'FILINGS_TICKERS_URL',
      tickersUrl,
      'URL of the ticker file of filers, loaded daily if EGRESS_CONTACT is set. Empty: never',
    ),
  },
  {
    /** Price at which the budget counts a model of unknown price, in US dollars per million tokens, input/output. */
    unknownPrice: '2.00/12.00',
    /** Forms that are summarised, including their amendments. */
    forms: ['8-K', '10-K', '10-Q', '6-K', '20-F', '40-F'] as readonly string[],
    /** Maximum duration of one model call, in ms. */
    timeoutMs: 60_000,
    /** Maximum number of concurrent model calls, per process. */
    concurrency: 2,
    /** Maximum number of document characters given to the model. */
    maxInputCharacters: 60_000,
    /** Maximum time to read a document, in ms. A document of 4 MB takes 100 ms. */
    documentDeadlineMs: 5_000,
    /** Maximum number of tokens of an answer. Providers include the tokens spent on reasoning. */
    maxOutputTokens: 800,
    /** Maximum number of attempts for one summary. */
    attempts: 5,
    /** Base URL of EDGAR's archive. */
    archiveUrl: 'https://www.sec.gov/Archives/edgar/data',
    /** Maximum requests per second to the archive. EDGAR allows 10 for all processes of one user. */
    archivePerSecond: 4,
  },
);

export type FilingsConfig = SliceValue<typeof filingsConfig>;
