import type { ErrorClass } from '#resilience';
import type { Prompt } from './summary-prompt.js';

export interface SummaryQuestion extends Prompt {
  maxOutputTokens: number;
}

/** Tokens are null if the provider did not report them. */
interface Tokens {
  tokensIn: number | null;
  tokensOut: number | null;
}

/** `refused`: the model or its filter refused, and would refuse again. `empty`: the answer has no text. */
export type SummaryAnswer = ({ outcome: 'answered'; text: string } | { outcome: 'refused' | 'empty'; reason: string }) &
  Tokens;

/**
 * The port to a language model. An adapter makes one call without retries. Its caller decides about retries and the
 * budget.
 */
export abstract class FilingSummarizer {
  abstract readonly provider: string;
  abstract readonly model: string;
  /** @throws SummaryCallError */
  abstract summarise(question: SummaryQuestion, signal: AbortSignal): Promise<SummaryAnswer>;
}

/** Reports that a call gave no answer. Contains neither the key nor the document. */
export class SummaryCallError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly errorClass: ErrorClass,
    message: string,
    /** True if the provider may charge for the call: it answered, or the call was cancelled before the answer. */
    readonly mayCost: boolean,
    options: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'SummaryCallError';
    this.retryAfterMs = options.retryAfterMs;
  }
}
