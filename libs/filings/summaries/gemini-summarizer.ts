import { askModel } from './ask-model.js';
import { FilingSummarizer, type SummaryAnswer, type SummaryQuestion } from './filing-summarizer.js';

export interface ModelAccess {
  model: string;
  apiKey: string | undefined;
  baseUrl: string | undefined;
}

/** Calls Google's Gemini by its own wire format (`models/<model>:generateContent`). */
export class GeminiSummarizer extends FilingSummarizer {
  readonly provider = 'gemini';
  readonly model: string;

  constructor(private readonly access: ModelAccess) {
    super();
    this.model = access.model;
  }

  async summarise(question: SummaryQuestion, signal: AbortSignal): Promise<SummaryAnswer> {
    const { createGoogleGenerativeAI } = await import('@ai-sdk/google');
    const { apiKey = '', baseUrl } = this.access;
    const google = createGoogleGenerativeAI({ apiKey, ...(baseUrl !== undefined && { baseURL: baseUrl }) });
    return askModel(google(this.model), question, signal);
  }
}
