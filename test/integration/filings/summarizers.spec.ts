import { GeminiSummarizer } from '../../../libs/filings/summaries/gemini-summarizer.js';
import { OpenAiCompatibleSummarizer } from '../../../libs/filings/summaries/openai-compatible-summarizer.js';
import { filingSummarizerContract } from '../../contracts/filing-summarizer.contract.js';

interface GeminiBody {
  systemInstruction?: { parts: { text: string }[] };
  contents: { parts: { text: string }[] }[];
  generationConfig: { maxOutputTokens: number };
}

interface OpenAiBody {
  messages: { role: string; content: string }[];
  max_tokens: number;
}

filingSummarizerContract({
  provider: 'gemini',
  make: (origin) =>
    new GeminiSummarizer({ model: 'gemini-2.5-flash-lite', apiKey: 'k-123', baseUrl: `${origin}/gemini/v1beta` }),
  sent: (body) => {
    const { systemInstruction, contents, generationConfig } = JSON.parse(body) as GeminiBody;
    return {
      instructions: systemInstruction?.parts[0]?.text,
      question: contents[0]?.parts[0]?.text,
      maxOutputTokens: generationConfig.maxOutputTokens,
    };
  },
  key: ['x-goog-api-key', 'k-123'],
});

filingSummarizerContract({
  provider: 'openai-compatible',
  make: (origin) => new OpenAiCompatibleSummarizer({ model: 'any', apiKey: 'k-123', baseUrl: `${origin}/openai/v1` }),
  sent: (body) => {
    const { messages, max_tokens } = JSON.parse(body) as OpenAiBody;
    const of = (role: string) => messages.find((message) => message.role === role)?.content;
    return { instructions: of('system'), question: of('user'), maxOutputTokens: max_tokens };
  },
  key: ['authorization', 'Bearer k-123'],
});
