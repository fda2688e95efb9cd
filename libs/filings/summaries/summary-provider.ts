import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HealthRegistry } from '#system';
import type { FilingSummarizer } from './filing-summarizer.js';
import { filingsConfig, type FilingsConfig } from '../filings.config.js';
import { GeminiSummarizer } from './gemini-summarizer.js';
import { OpenAiCompatibleSummarizer } from './openai-compatible-summarizer.js';
import { type ModelPrice, priceOf, readPrice } from './summary-price.js';
import { PROMPT_VERSION } from './summary-prompt.js';

/** Reason given wherever no provider is configured. */
export const NO_PROVIDER = 'no provider configured';

const DEFAULT_MODEL = { gemini: 'gemini-2.5-flash-lite', 'openai-compatible': undefined } as const;

/** The configured provider and its prices. */
@Injectable()
export class SummaryProvider implements OnModuleInit {
  private readonly logger = new Logger('Filings');
  /** Null: summaries are skipped. */
  readonly summarizer: FilingSummarizer | null;
  readonly promptVersion = PROMPT_VERSION;
  /** Null: the price of the model is unknown. */
  readonly price: ModelPrice | null;
  /** Price that the budget uses. */
  readonly countedPrice: ModelPrice;
  private readonly forms: ReadonlySet<string>;
  private exhausted = false;

  /** @throws ConfigError naming the missing setting of the provider */
  constructor(
    @Inject(filingsConfig.token) private readonly config: FilingsConfig,
    private readonly health: HealthRegistry,
  ) {
    this.summarizer = summarizerOf(config);
    this.price =
      config.price !== undefined
        ? readPrice(config.price)
        : ((this.summarizer && priceOf(this.summarizer.model)) ?? null);
    this.countedPrice = this.price ?? readPrice(config.unknownPrice);
    this.forms = new Set(config.forms.map((form) => form.toUpperCase()));
  }

  onModuleInit(): void {
    const { summarizer } = this;
    if (summarizer === null) this.logger.log(`Filings are not summarised: ${NO_PROVIDER} (FILINGS_SUMMARY_PROVIDER)`);
    else if (this.price === null) {
      this.logger.warn({
        msg: 'The price of the model is unknown, so the cost of summaries is too. The budget counts it at 2.00/12.00 dollars per million tokens. Set FILINGS_SUMMARY_PRICE_USD',
        model: summarizer.model,
      });
    }
    // Omits model and budget, because /health is public.
    const summaries = () =>
      summarizer === null ? `none: ${NO_PROVIDER}` : this.exhausted ? 'paused: the budget of the month is spent' : 'on';
    this.health.register({ name: 'filings', check: () => ({ status: 'up', summaries: summaries() }) });
  }

  /** Whether filings of this form (without `/A`) are summarised. */
  wants(baseForm: string): boolean {
    return this.summarizer !== null && this.forms.has(baseForm.toUpperCase());
  }

  /** Status for /health. */
  setExhausted(exhausted: boolean): void {
    this.exhausted = exhausted;
  }
}

function summarizerOf(config: FilingsConfig): FilingSummarizer | null {
  if (config.provider === 'none') return null;
  const model = config.model || DEFAULT_MODEL[config.provider];
  const problems = [
    ...(model === undefined
      ? [{ key: 'FILINGS_SUMMARY_MODEL', seen: '(unset)', expected: 'the name of a model of that provider' }]
      : []),
    ...(config.provider === 'gemini' && config.apiKey === undefined
      ? [
          {
            key: 'FILINGS_SUMMARY_API_KEY',
            seen: '(unset)',
            expected: 'a key of Google AI Studio, or FILINGS_SUMMARY_PROVIDER=none',
          },
        ]
      : []),
    ...(config.provider === 'openai-compatible' && !URL.canParse(config.baseUrl ?? '')
      ? [
          {
            key: 'FILINGS_SUMMARY_BASE_URL',
            seen: config.baseUrl ?? '(unset)',
            expected: 'the address of the API, e.g. https://api.openai.com/v1',
          },
        ]
      : []),
  ];
  if (model === undefined || problems.length > 0) throw filingsConfig.error(problems);
  const access = { model, apiKey: config.apiKey?.reveal(), baseUrl: config.baseUrl || undefined };
  return config.provider === 'gemini' ? new GeminiSummarizer(access) : new OpenAiCompatibleSummarizer(access);
}
