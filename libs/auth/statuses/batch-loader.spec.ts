import { AsyncLocalStorage } from 'node:async_hooks';
import { BatchLoader } from './batch-loader.js';

describe('the batch loader', () => {
  it('the loader runs one query for all keys of one tick, with each key once', async () => {
    const asked: string[][] = [];
    const loader = new BatchLoader(async (keys: string[]) => {
      asked.push(keys);
      return new Map(keys.filter((key) => key !== 'missing').map((key) => [key, key.toUpperCase()]));
    });
    const found = await Promise.all(['a', 'b', 'a', 'missing'].map((key) => loader.load(key)));
    expect(found).toEqual(['A', 'B', 'A', undefined]);
    expect(asked).toEqual([['a', 'b', 'missing']]);
  });

  it('the loader runs one batch at a time, whatever the number of callers', async () => {
    let running = 0;
    let most = 0;
    let batches = 0;
    const loader = new BatchLoader(async (keys: string[]) => {
      batches += 1;
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      running -= 1;
      return new Map(keys.map((key) => [key, key]));
    }, 10);
    const asked: Promise<string | undefined>[] = [];
    for (let n = 0; n < 50; n++) {
      asked.push(loader.load(String(n)));
      if (n % 5 === 0) await new Promise(setImmediate);
    }
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 50 }, (_, n) => String(n)));
    expect(most).toBe(1);
    expect(batches).toBeLessThan(50);
  });

  it('the loader reports a failure to every caller of the batch and continues', async () => {
    let fails = true;
    const loader = new BatchLoader(async (keys: string[]) => {
      if (fails) throw new Error('away');
      return new Map(keys.map((key) => [key, 1]));
    });
    const results = await Promise.allSettled([loader.load('a'), loader.load('b')]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    fails = false;
    await expect(loader.load('a')).resolves.toBe(1);
  });

  it('the loader does not run in the async context of a caller', async () => {
    const context = new AsyncLocalStorage<string>();
    let seen: string | undefined = 'not asked';
    const loader = new BatchLoader(async () => {
      await Promise.resolve();
      seen = context.getStore();
      return new Map();
    });
    await context.run('a request', () => loader.load('a'));
    expect(seen).toBeUndefined();
  });
});
