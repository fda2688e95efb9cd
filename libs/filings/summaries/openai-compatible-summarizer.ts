import { askModel } from './ask-model.js';
import { FilingSummarizer, type SummaryAnswer, type SummaryQuestion } from './filing-summarizer.js';
import type { ModelAccess } from './gemini-summarizer.js';

/** Calls any API that speaks OpenAI's `POST /chat/completions`: a vendor, a gateway, or a self-hosted model. */
export class OpenAiCompatibleSummarizer extends FilingSummarizer {
  readonly provider = 'openai-compatible';
  readonly model: string;

  constructor(private readonly access: ModelAccess) {
    super();
    this.model = access.model;
  }

  async summarise(question: SummaryQuestion, signal: AbortSignal): Promise<SummaryAnswer> {
    const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
    const { apiKey, baseUrl = '' } = this.access;
    const provider = createOpenAICompatible({
      name: this.provider,
      baseURL: baseUrl,
      ...(apiKey !== undefined && { apiKey }),
    });
    return askModel(provider(this.model), question, signal);
  }
}
