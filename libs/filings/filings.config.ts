import { z } from 'zod';
import { configSlice, env, integer, list, secret, type SliceValue, text } from '#config';
import { PRICE_PAIR } from './summaries/summary-price.js';

const provider = z
  .enum(['none', 'gemini', 'openai-compatible'], { error: 'none, gemini or openai-compatible' })
  .default('none') as unknown as z.ZodType<'none' | 'gemini' | 'openai-compatible'>;

const dollars = (byDefault: string) =>
  z
    .string()
    .regex(/^\d{1,9}(\.\d{1,6})?$/, { error: 'dollars such as 25.00' })
    .default(byDefault) as unknown as z.ZodType<string>;

const pricePair = { error: 'dollars for a million tokens in and out, such as 0.10/0.40' };

export const filingsConfig = configSlice('filings', {
  provider: env('FILINGS_SUMMARY_PROVIDER', provider, 'Who summarises filings: gemini, openai-compatible, or none'),
  model: env('FILINGS_SUMMARY_MODEL', text(), 'Its model; gemini takes gemini-2.5-flash-lite if unset'),
  apiKey: env('FILINGS_SUMMARY_API_KEY', secret(1), 'Its key; a model of your own may need none', { secret: true }),
  baseUrl: env(
    'FILINGS_SUMMARY_BASE_URL',
    text(),
    'Its address up to the version, e.g. https://api.openai.com/v1; gemini knows its own',
  ),
  price: env(
    'FILINGS_SUMMARY_PRICE_USD',
    z.string().regex(PRICE_PAIR, pricePair).optional() as z.ZodType<string | undefined>,
    'What the model costs, dollars for a million tokens in/out, e.g. 0.10/0.40; instead of the built-in table',
  ),
  unknownPrice: env(
    'FILINGS_SUMMARY_UNKNOWN_PRICE_USD',
    z.string().regex(PRICE_PAIR, pricePair).default('2.00/12.00') as unknown as z.ZodType<string>,
    'How the budget counts a model whose price nobody knows, dollars for a million tokens in/out',
  ),
  monthlyBudget: env(
    'FILINGS_MONTHLY_BUDGET_USD',
    dollars('20.00'),
    'Dollars a calendar month (UTC) for summaries; spending stops there, feeds do not',
  ),
  forms: env(
    'FILINGS_SUMMARY_FORMS',
    list('8-K,10-K,10-Q,6-K,20-F,40-F'),
    'Forms that are summarised, their amendments too',
  ),
  timeoutMs: env(
    'FILINGS_SUMMARY_TIMEOUT_MS',
    integer(60_000, 100, 600_000),
    'How long one call to the model may take, ms',
  ),
  concurrency: env('FILINGS_SUMMARY_CONCURRENCY', integer(2, 1, 50), 'Calls to the model at once, per worker'),
  maxInputCharacters: env(
    'FILINGS_SUMMARY_MAX_INPUT_CHARACTERS',
    integer(60_000, 1_000, 500_000),
    'So much of a document is given to the model',
  ),
  maxOutputTokens: env(
    'FILINGS_SUMMARY_MAX_OUTPUT_TOKENS',
    integer(800, 50, 20_000),
    'So much may the model write (and think, where thoughts count)',
  ),
  attempts: env('FILINGS_SUMMARY_ATTEMPTS', integer(5, 1, 25), 'How often one summary is tried'),
  archiveUrl: env(
    'FILINGS_ARCHIVE_URL',
    text('https://www.sec.gov/Archives/edgar/data'),
    'Where the documents of filings are',
  ),
  archivePerSecond: env(
    'FILINGS_ARCHIVE_PER_SECOND',
    integer(4, 1, 10),
    'Requests a second there; EDGAR allows 10 to all of you together',
  ),
  userAgent: env(
    'FILINGS_USER_AGENT',
    text('Deskwire filings (set FILINGS_USER_AGENT to your name and e-mail)'),
    'How the desk names itself to EDGAR, which wants a contact',
  ),
});

export type FilingsConfig = SliceValue<typeof filingsConfig>;
