import { setTimeout as pause } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

export type Work =
  | { do: 'answer'; value?: unknown }
  | { do: 'spin' | 'fill' | 'exit' | 'environment' }
  | { do: 'pause'; ms: number }
  | { do: 'throw'; code: string };

/** A task that follows its input, including misbehaviour. */
export default async function work(input: Work): Promise<{ threadId: number; value?: unknown }> {
  const kept: unknown[] = [];
  switch (input.do) {
    case 'answer':
      return { threadId, value: input.value };
    case 'environment':
      return { threadId, value: { ...process.env } };
    case 'pause':
      await pause(input.ms);
      return { threadId };
    case 'spin':
      for (;;);
    case 'fill':
      for (;;) kept.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
    case 'exit':
      return process.exit(3);
    case 'throw':
      throw Object.assign(new RangeError('too deep'), { code: input.code });
  }
}
