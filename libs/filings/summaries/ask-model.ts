import type { LanguageModel } from 'ai';
import { retryAfterMs } from '#egress';
import { classifyError } from '#resilience';
import { type SummaryAnswer, SummaryCallError, type SummaryQuestion } from './filing-summarizer.js';

/**
 * Makes one call through the AI SDK and translates its result for the port. The library (8 MB) is loaded by the first
 * call.
 */
export async function askModel(
  model: LanguageModel,
  question: SummaryQuestion,
  signal: AbortSignal,
): Promise<SummaryAnswer> {
  const { generateText } = await import('ai');
  try {
    const { text, finishReason, usage } = await generateText({
      model,
      system: question.instructions,
      prompt: question.question,
      maxOutputTokens: question.maxOutputTokens,
      temperature: 0,
      maxRetries: 0,
      abortSignal: signal,
    });
    const tokens = { tokensIn: usage.inputTokens ?? null, tokensOut: usage.outputTokens ?? null };
    if (finishReason === 'content-filter')
      return { outcome: 'refused', reason: 'the provider or its model refused to answer', ...tokens };
    if (text.trim() === '') return { outcome: 'empty', reason: `the answer was empty (${finishReason})`, ...tokens };
    return { outcome: 'answered', text, ...tokens };
  } catch (error) {
    throw told(error, signal);
  }
}

interface CallFailure {
  statusCode?: number;
  responseHeaders?: Record<string, string>;
}

function told(error: unknown, signal: AbortSignal): SummaryCallError {
  if (signal.aborted)
    return new SummaryCallError('timeout', 'the provider did not answer in time', true, { cause: reasonOf(error) });
  const { statusCode, responseHeaders } = (error ?? {}) as CallFailure;
  if (statusCode !== undefined && statusCode >= 300) {
    return new SummaryCallError(classifyError(error), `the provider answered ${statusCode}`, false, {
      retryAfterMs: retryAfterMs(responseHeaders?.['retry-after']),
      cause: reasonOf(error),
    });
  }
  const errorClass = classifyError(error);
  if (errorClass === 'refused')
    return new SummaryCallError('refused', 'the provider could not be reached', false, { cause: reasonOf(error) });
  // A success with an unreadable body or a broken connection may have been processed and charged.
  const unreadable = statusCode !== undefined || errorClass === 'unknown';
  const message = unreadable ? 'the answer of the provider could not be read' : 'the connection to the provider broke';
  return new SummaryCallError(unreadable ? 'server' : errorClass, message, true, { cause: reasonOf(error) });
}

/** The AI SDK's error contains the request (document, headers), so only its name and first line are kept. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0]!.slice(0, 200)}` : typeof error;
}
