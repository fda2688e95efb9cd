import { badStatus, unreadable } from '../feeds.errors.js';
import { readInChunks } from './quote-chunks.js';

const refusal = (status: number) => badStatus(status, status >= 500 ? 'server' : 'client');

/** Requests chunks of a provider that refuses keys. */
async function request(chunks: string[][], refuse: (keys: readonly string[]) => Error | undefined) {
  const asked: string[] = [];
  const found = { warnings: [] as { item: string; reason: string }[], unreadable: 0 };
  let renewed = 0;
  const failure = await readInChunks(chunks, found, {
    renew: async () => void renewed++,
    read: async (keys) => {
      asked.push(keys.join('+'));
      const error = refuse(keys);
      if (error) throw error;
    },
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { asked, failure, renewed, ...found };
}
const bad =
  (...names: string[]) =>
  (keys: readonly string[]) =>
    keys.some((key) => names.includes(key)) ? refusal(404) : undefined;

describe('prices in chunks of keys', () => {
  it('a chunk with an unknown key is requested key by key, and only that key is missing', async () => {
    const {
      asked,
      warnings,
      unreadable: missing,
      failure,
      renewed,
    } = await request(
      [
        ['A', 'B', 'C'],
        ['D', 'E'],
      ],
      bad('B'),
    );
    expect(failure).toBeUndefined();
    expect(asked).toEqual(['A+B+C', 'A', 'B', 'C', 'D+E']);
    expect(warnings).toEqual([{ item: 'B', reason: 'The server answered 404.' }]);
    expect(missing).toBe(1);
    // Before each request but the first, so that a long retry does not lose the source to another process.
    expect(renewed).toBe(asked.length - 1);
  });

  it('a chunk whose first keys are all refused is given up, and the other chunks are read', async () => {
    const chunk = ['A', 'B', 'C', 'D', 'E'];
    const { asked, warnings, unreadable: missing, failure } = await request([chunk, ['F']], bad(...chunk));
    expect(failure).toBeUndefined();
    expect(asked).toEqual(['A+B+C+D+E', 'A', 'B', 'C', 'F']);
    expect(warnings).toEqual([{ item: '5 keys from A', reason: 'The server answered 404.' }]);
    expect(missing).toBe(5);
  });

  it('a provider that refuses every chunk fails the cycle', async () => {
    expect(await request([['A'], ['B']], bad('A', 'B'))).toMatchObject({ failure: 'The server answered 404.' });
  });

  it('an answer that cannot be read is requested key by key too', async () => {
    const answer = (keys: readonly string[]) =>
      keys.length > 1 ? unreadable({ code: 'FEEDS_NOT_A_FEED', reason: 'broken' }) : undefined;
    expect((await request([['A', 'B']], answer)).asked).toEqual(['A+B', 'A', 'B']);
  });

  it.each([401, 403, 429, 502, 503])('a refusal that is not about keys ends the cycle at once: %s', async (status) => {
    const { asked, failure } = await request([['A', 'B'], ['C']], () => refusal(status));
    expect(asked).toEqual(['A+B']);
    expect(failure).toBe(`The server answered ${status}.`);
  });
});
