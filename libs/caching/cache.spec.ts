import { DomainError } from '#errors';
import { down, heldLoader, never, openCache } from './open-cache.fixture.js';

describe('a value in the cache', () => {
  it.each([[0], [false], [''], [null], [undefined], [Number.NaN]])(
    '%p is a value like any other and is loaded once',
    async (value) => {
      const { cache, outcomes } = openCache();
      expect(await cache.getOrLoad('key', 1000, async () => value)).toBe(value);
      expect(await cache.getOrLoad('key', 1000, never)).toBe(value);
      expect(outcomes).toEqual(['miss', 'hit']);
    },
  );

  it('a value in the cache is loaded again when its time is over, to the millisecond', async () => {
    const { cache, wait } = openCache();
    await cache.getOrLoad('key', 1000, async () => 'old');
    wait(999);
    expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('old');
    wait(1);
    expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('new');
  });

  it('a value is fresh for at most `maxTtlMs`, whatever the caller requests', async () => {
    const { cache, wait } = openCache({ maxTtlMs: 500 });
    await cache.getOrLoad('key', 3_600_000, async () => 'old');
    wait(500);
    expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('new');
  });

  it('a value in the cache is frozen: a caller cannot change it', async () => {
    const { cache } = openCache<{ rows: { cash: string }[] }>();
    const given = await cache.getOrLoad('key', 1000, async () => ({ rows: [{ cash: '1.00' }] }));
    expect(() => (given.rows[0]!.cash = '2.00')).toThrow(TypeError);
    expect(() => given.rows.push({ cash: '3.00' })).toThrow(TypeError);
  });
});

describe('callers that ask for one key at once', () => {
  it.each([100, 1_000, 10_000])('share one load when %d of them miss', async (callers) => {
    const { cache } = openCache();
    const { load, calls, give } = heldLoader<string>();
    const answers = Array.from({ length: callers }, () => cache.getOrLoad('key', 1000, load));
    give('one');
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['one']));
    expect(calls()).toBe(1);
  });

  it('share one load when they arrive tick after tick around a quick load', async () => {
    const { cache } = openCache<number>();
    let calls = 0;
    const answers: Promise<number>[] = [];
    for (let tick = 0; tick < 60; tick++) {
      answers.push(cache.getOrLoad('key', 1000, async () => ++calls));
      await Promise.resolve();
    }
    expect(new Set(await Promise.all(answers))).toEqual(new Set([1]));
  });

  it('all get the error of a load that fails, and the next caller loads again', async () => {
    const { cache } = openCache();
    const { load, fail } = heldLoader<string>();
    const answers = Array.from({ length: 1_000 }, () => cache.getOrLoad('key', 1000, load));
    fail(new Error('boom'));
    const settled = await Promise.allSettled(answers);
    expect(settled.every((answer) => answer.status === 'rejected')).toBe(true);
    expect(await cache.getOrLoad('key', 1000, async () => 'well')).toBe('well');
  });

  it('concurrent callers of a key get the error of a loader that throws before its first await', async () => {
    const { cache } = openCache();
    const loader = (): Promise<string> => {
      throw new Error('at once');
    };
    await expect(cache.getOrLoad('key', 1000, loader)).rejects.toThrow('at once');
    expect(await cache.getOrLoad('key', 1000, async () => 'well')).toBe('well');
  });
});

describe('an invalidation', () => {
  it('an invalidation by key drops that key alone', async () => {
    const { cache } = openCache();
    await cache.getOrLoad('a', 1000, async () => 1);
    await cache.getOrLoad('b', 1000, async () => 1);
    await cache.invalidate('a');
    expect(await cache.getOrLoad('a', 1000, async () => 2)).toBe(2);
    expect(await cache.getOrLoad('b', 1000, never)).toBe(1);
  });

  it('an invalidation by tag drops all keys that carry it, also under the tags of a newer value', async () => {
    const { cache } = openCache();
    await cache.getOrLoad('a', 1000, async () => 1, { tags: ['x'] });
    await cache.invalidate('a');
    await cache.getOrLoad('a', 1000, async () => 1, { tags: ['y', 'z'] });
    await cache.invalidateTag('x');
    expect(await cache.getOrLoad('a', 1000, never)).toBe(1);
    await cache.invalidateTag('z');
    expect(await cache.getOrLoad('a', 1000, async () => 2)).toBe(2);
  });

  it.each(['key', 'tag'])('by %s during a load keeps the result out of the cache', async (by) => {
    const { cache } = openCache();
    const slow = heldLoader<string>();
    const waiting = cache.getOrLoad('key', 1000, slow.load, { tags: ['t'] });
    await (by === 'key' ? cache.invalidate('key') : cache.invalidateTag('t'));
    slow.give('read before the write');
    expect(await waiting).toBe('read before the write');
    expect(await cache.getOrLoad('key', 1000, async () => 'after')).toBe('after');
  });

  it('during a load makes later callers load again, and the late old result overwrites nothing', async () => {
    const { cache } = openCache();
    const [old, fresh] = [heldLoader<string>(), heldLoader<string>()];
    const before = cache.getOrLoad('key', 1000, old.load);
    await cache.invalidate('key');
    const after = cache.getOrLoad('key', 1000, fresh.load);
    fresh.give('new');
    expect(await after).toBe('new');
    old.give('old');
    expect(await before).toBe('old');
    expect(await cache.getOrLoad('key', 1000, never)).toBe('new');
  });

  it('during a load leaves the newer load registered: later callers join it', async () => {
    const { cache } = openCache();
    const [old, fresh] = [heldLoader<string>(), heldLoader<string>()];
    const before = cache.getOrLoad('key', 1000, old.load);
    await cache.invalidate('key');
    const after = cache.getOrLoad('key', 1000, fresh.load);
    old.give('old');
    await before;
    const joined = cache.getOrLoad('key', 1000, never);
    fresh.give('new');
    expect(await Promise.all([after, joined])).toEqual(['new', 'new']);
  });

  it('an invalidation by a tag that a newer value does not carry leaves the value in the cache', async () => {
    const { cache, wait } = openCache();
    await cache.getOrLoad('key', 1000, async () => 1, { tags: ['old'] });
    wait(1_000);
    await cache.getOrLoad('key', 1000, async () => 2, { tags: ['new'] });
    await cache.invalidateTag('old');
    expect(await cache.getOrLoad('key', 1000, never)).toBe(2);
  });

  it('an invalidation in any tick between the end of a load and its storing is not lost', async () => {
    for (let ticks = 0; ticks < 20; ticks++) {
      const { cache } = openCache();
      const slow = heldLoader<string>();
      const waiting = cache.getOrLoad('key', 1000, slow.load);
      slow.give('old');
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      const forgotten = cache.invalidate('key');
      expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('new');
      await Promise.all([forgotten, waiting]);
      expect(await cache.getOrLoad('key', 1000, async () => 'new')).toBe('new');
    }
  });
});

describe('a lookup while the source fails', () => {
  it('while the source fails, a lookup returns the last value for the grace period, marked stale with its age', async () => {
    const { cache, wait } = openCache();
    expect(await cache.lookup('key', 1000, async () => 7)).toEqual({ value: 7, source: 'database', ageMs: 0 });
    wait(400);
    expect(await cache.lookup('key', 1000, never)).toEqual({ value: 7, source: 'cache', ageMs: 400 });
    wait(1_600);
    expect(await cache.lookup('key', 1000, down)).toEqual({ value: 7, source: 'stale', ageMs: 2_000 });
    wait(9_000);
    await expect(cache.lookup('key', 1000, down)).rejects.toThrow('gone');
  });

  it('a failing source is queried at most once per `retryMs`', async () => {
    const { cache, wait } = openCache();
    await cache.lookup('key', 1000, async () => 7);
    wait(1_000);
    let asked = 0;
    for (let i = 0; i < 10; i++) await cache.lookup('key', 1000, () => (asked++, down()));
    expect(asked).toBe(1);
    wait(1_000);
    expect(await cache.lookup('key', 1000, async () => 8)).toEqual({ value: 8, source: 'database', ageMs: 0 });
  });

  it('while the source fails, getOrLoad returns no stale value, which it could not mark', async () => {
    const { cache, wait } = openCache();
    await cache.getOrLoad('key', 1000, async () => 7);
    wait(1_000);
    await expect(cache.getOrLoad('key', 1000, down)).rejects.toThrow('gone');
  });

  it('a stale value never replaces an answer of the source, such as not found', async () => {
    const { cache, wait } = openCache();
    await cache.lookup('key', 1000, async () => 7);
    wait(1_000);
    const gone = async (): Promise<never> => {
      throw new DomainError('THING_NOT_FOUND', 'no such thing', { kind: 'not_found' });
    };
    await expect(cache.lookup('key', 1000, gone)).rejects.toThrow('no such thing');
    await expect(cache.lookup('key', 1000, down)).rejects.toThrow('gone');
  });
});

describe('a full cache', () => {
  it('evicts the least recently used entry, and counts it', async () => {
    const { cache, seen } = openCache({ maxItems: 3 });
    for (const key of ['a', 'b', 'c']) await cache.getOrLoad(key, 1000, async () => key);
    await cache.getOrLoad('a', 1000, never);
    await cache.getOrLoad('d', 1000, async () => 'd');
    expect(seen).toMatchObject({ evictions: 1, items: 3 });
    expect(await cache.getOrLoad('a', 1000, never)).toBe('a');
    expect(await cache.getOrLoad('b', 1000, async () => 'again')).toBe('again');
  });

  it('a full cache stays within its bytes, and a value that is too big is returned but not kept', async () => {
    const { cache, seen } = openCache({ maxBytes: 1_000_000 });
    for (let i = 0; i < 50; i++) await cache.getOrLoad(`k${i}`, 1000, async () => 'x'.repeat(50_000));
    expect(seen.bytes).toBeLessThanOrEqual(1_000_000);
    expect(seen.items).toBe(9);
    expect(await cache.getOrLoad('big', 1000, async () => 'x'.repeat(600_000))).toHaveLength(600_000);
    expect(await cache.getOrLoad('big', 1000, async () => 'again')).toBe('again');
  });

  it('a full cache holds no more than its maximum of entries, bytes and tags after many distinct keys', () => {
    const keys = process.env['CHAOS'] === 'true' ? 1_000_000 : 200_000;
    const bounds = { maxItems: 10_000, maxBytes: 2_000_000 };
    const { cache, seen } = openCache<{ user: string }>(bounds, { tagsOf: ({ user }) => [user], sizeOf: () => 250 });
    for (let n = 0; n < keys; n++) {
      cache.getOrBuild(`key ${n}`, () => ({ user: `user ${n}` }));
      if (seen.items > 10_000 || seen.bytes > 2_000_000) throw new Error(`beyond its limits: ${JSON.stringify(seen)}`);
    }
    expect(seen.items).toBeGreaterThan(5_000);
    expect(seen.evictions).toBe(keys - seen.items);
  });

  it('a full cache drops entries past their grace period, and their tags, when swept', async () => {
    const { cache, seen, wait } = openCache();
    for (let i = 0; i < 50; i++) await cache.getOrLoad(`k${i}`, 1000, async () => i, { tags: [`t${i}`] });
    wait(11_000);
    cache.sweep();
    expect(seen).toMatchObject({ bytes: 0, items: 0, evictions: 0 });
  });
});
