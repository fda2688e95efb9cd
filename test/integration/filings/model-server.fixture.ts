import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Kind of the next answers. `answer` is a regular one. */
export type Behaviour =
  | { kind: 'answer'; text: string; tokensIn?: number; tokensOut?: number; withoutUsage?: boolean }
  | { kind: 'refusal' | 'blocked' }
  | { kind: 'malformed' }
  | { kind: 'hangs' }
  | { kind: 'hangs-up' }
  | { kind: 'status'; status: number; headers?: Record<string, string> };

export interface SeenCall {
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface ModelServer {
  origin: string;
  calls: SeenCall[];
  /** Number of concurrent requests, and its maximum so far. */
  readonly busy: { now: number; most: number };
  behave(behaviour: Behaviour): void;
  /** Holds answers back until it is released. */
  hold(): () => void;
  close(): Promise<void>;
}

/** A local server with Gemini's wire format under /gemini and OpenAI's under /openai. */
export async function modelServer(): Promise<ModelServer> {
  let behaviour: Behaviour = { kind: 'answer', text: 'A summary.' };
  let held: Promise<void> = Promise.resolve();
  const calls: SeenCall[] = [];
  const busy = { now: 0, most: 0 };
  const server: Server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      calls.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      busy.most = Math.max(busy.most, ++busy.now);
      const now = behaviour;
      await held;
      busy.now -= 1;
      reply(request.url?.startsWith('/gemini') ? 'gemini' : 'openai', now, response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    busy,
    behave: (next) => void (behaviour = next),
    hold: () => {
      const gate = Promise.withResolvers<void>();
      held = gate.promise;
      return gate.resolve;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function reply(wire: 'gemini' | 'openai', behaviour: Behaviour, response: ServerResponse): void {
  if (behaviour.kind === 'hangs') return;
  if (behaviour.kind === 'hangs-up') return void response.destroy();
  if (behaviour.kind === 'status') {
    const body =
      wire === 'gemini'
        ? { error: { code: behaviour.status, message: 'no', status: 'X' } }
        : { error: { message: 'no', type: 'x' } };
    return void response
      .writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers })
      .end(JSON.stringify(body));
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  if (behaviour.kind === 'malformed') return void response.end('{"candidates": [{"con');
  response.end(JSON.stringify(wire === 'gemini' ? gemini(behaviour) : openai(behaviour)));
}

type Answer = Extract<Behaviour, { text: string }>;
type Proper = Answer | { kind: 'refusal' | 'blocked' };

function gemini(behaviour: Proper): object {
  if (behaviour.kind === 'blocked')
    return {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 100, totalTokenCount: 100 },
    };
  if (behaviour.kind === 'refusal')
    return {
      candidates: [{ finishReason: 'SAFETY' }],
      usageMetadata: { promptTokenCount: 100, candidatesTokenCount: 0 },
    };
  const { text, tokensIn = 100, tokensOut = 20, withoutUsage } = behaviour as Answer;
  return {
    candidates: [{ content: { role: 'model', parts: text === '' ? [] : [{ text }] }, finishReason: 'STOP', index: 0 }],
    ...(!withoutUsage && {
      usageMetadata: {
        promptTokenCount: tokensIn,
        candidatesTokenCount: tokensOut,
        totalTokenCount: tokensIn + tokensOut,
      },
    }),
    modelVersion: 'x',
  };
}

function openai(behaviour: Proper): object {
  const choice = (message: object, finish_reason: string) => [
    { index: 0, message: { role: 'assistant', ...message }, finish_reason },
  ];
  const base = { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'x' };
  const usage = (prompt_tokens: number, completion_tokens: number) => ({
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
  });
  if (behaviour.kind === 'blocked')
    return { ...base, choices: choice({ content: '' }, 'content_filter'), usage: usage(100, 0) };
  if (behaviour.kind === 'refusal')
    return { ...base, choices: choice({ content: null, refusal: 'I cannot.' }, 'stop'), usage: usage(100, 4) };
  const { text, tokensIn = 100, tokensOut = 20, withoutUsage } = behaviour as Answer;
  return {
    ...base,
    choices: choice({ content: text }, 'stop'),
    ...(!withoutUsage && { usage: usage(tokensIn, tokensOut) }),
  };
}
