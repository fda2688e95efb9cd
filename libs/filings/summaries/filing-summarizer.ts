import type { ErrorClass } from '#resilience';
import type { Prompt } from './summary-prompt.js';

export interface SummaryQuestion extends Prompt {
  maxOutputTokens: number;
}

/** Tokens are null where the provider did not say. */
interface Tokens {
  tokensIn: number | null;
  tokensOut: number | null;
}

/** `refused`: the model or its filter would not; asking again gives the same. `empty`: an answer without words. */
export type SummaryAnswer = ({ outcome: 'answered'; text: string } | { outcome: 'refused' | 'empty'; reason: string }) &
  Tokens;

/**
 * The port to a language model. An adapter makes one call and no retries: when to ask again, and whether the budget bears
 * it, is decided by whoever asks.
 */
export abstract class FilingSummarizer {
  abstract readonly provider: string;
  abstract readonly model: string;
  /** @throws SummaryCallError */
  abstract summarise(question: SummaryQuestion, signal: AbortSignal): Promise<SummaryAnswer>;
}

/** The call gave no answer. Free of the key and of the document. */
export class SummaryCallError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly errorClass: ErrorClass,
    message: string,
    /** The provider may charge for it: it answered, or we left before it could. */
    readonly mayCost: boolean,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'SummaryCallError';
    this.retryAfterMs = options.retryAfterMs;
  }
}
