import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { ThrottlerMemory } from './throttler-memory.js';

const MINUTE = 60_000;
const START = 1_800_000_000_000;

function memoryAt(limit: number, maxTracked = 1_000_000) {
  let now = START;
  const memory = new ThrottlerMemory(maxTracked, () => now);
  return {
    memory,
    take: (key = 'ana', name = 'read') => memory.increment(key, MINUTE, limit, MINUTE, name),
    wait: (ms: number) => (now += ms),
  };
}

describe('counting requests in memory', () => {
  it('lets the limit through and refuses the next, saying when one fits again', async () => {
    const { take, wait } = memoryAt(3);
    for (let used = 1; used <= 3; used++) expect(await take()).toMatchObject({ totalHits: used, isBlocked: false });
    const refused = await take();
    expect(refused.isBlocked).toBe(true);
    wait(refused.timeToBlockExpire * 1000);
    expect(await take()).toMatchObject({ isBlocked: false });
  });

  it('never lets twice the limit through around the boundary of a window', async () => {
    const { take, wait } = memoryAt(100);
    wait(MINUTE - 1);
    for (let i = 0; i < 100; i++) await take();
    wait(1);
    let through = 0;
    for (let i = 0; i < 100; i++) if (!(await take()).isBlocked) through++;
    expect(through).toBeLessThanOrEqual(1);
  });

  it('gives a client that never stops trying its rate, not nothing', async () => {
    const { take, wait } = memoryAt(60);
    for (let i = 0; i < 600; i++) await take();
    let through = 0;
    for (let second = 0; second < 600; second++) {
      wait(1000);
      for (let i = 0; i < 5; i++) if (!(await take()).isBlocked) through++;
    }
    expect(through).toBeGreaterThan(500);
    expect(through).toBeLessThanOrEqual(660);
  });

  it('counts clients and classes apart', async () => {
    const { take } = memoryAt(1);
    await take('ana', 'read');
    expect((await take('ben', 'read')).isBlocked).toBe(false);
    expect((await take('ana', 'write')).isBlocked).toBe(false);
    expect((await take('ana', 'read')).isBlocked).toBe(true);
  });

  it('keeps the heavy hitters when more clients come than it may track', async () => {
    const { memory, take } = memoryAt(50, 1_024);
    for (let i = 0; i < 50; i++) await take('heavy');
    for (let i = 0; i < 50_000; i++) await take(`spray-${i}`);
    expect((await take('heavy')).isBlocked).toBe(true);
    expect(memory.bytes).toBeLessThan(150_000);
    expect(memory.usage()[0]!.evictions).toBeGreaterThan(10_000);
  });

  it('remembers the last window while it makes room for others', async () => {
    const { take, wait } = memoryAt(20);
    for (let i = 0; i < 20; i++) await take('ana');
    wait(MINUTE);
    for (let i = 0; i < 20_000; i++) await take(`other-${i}`);
    expect((await take('ana')).isBlocked).toBe(true);
  });

  it('tells how much of its limit the busiest client has left', async () => {
    const { memory, take, wait } = memoryAt(10);
    for (let i = 0; i < 4; i++) await take();
    expect(memory.usage()[0]).toMatchObject({ name: 'read', tracked: 1, headroom: 0.6 });
    wait(3 * MINUTE);
    expect(memory.usage()[0]).toMatchObject({ tracked: 0, headroom: 1 });
  });
});

describe('memory under a spray of addresses', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Buffers are freed behind the collector's back: the second collection, a turn later, finds them gone.
  const used = async () => {
    collect();
    await new Promise(setImmediate);
    collect();
    await new Promise(setImmediate);
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const address = (i: number) => `${i >>> 24}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;

  it('costs under 150 MB for a million addresses, all of them still counted, and is given back after the window', async () => {
    const { memory, take, wait } = memoryAt(2);
    const before = await used();
    for (let i = 0; i < 1_000_000; i++) await take(address(i));
    const cost = (await used()) - before;
    expect(cost).toBeLessThan(150_000_000);
    expect(memory.usage()[0]).toMatchObject({ tracked: 1_000_000, evictions: 0 });
    wait(2 * MINUTE);
    memory.sweep();
    expect(memory.bytes).toBeLessThan(200_000);
    expect((await used()) - before).toBeLessThan(cost / 10);
  });

  it('negative control: the store that comes with @nestjs/throttler costs ten times as much a client', async () => {
    const store = new ThrottlerStorageService();
    const before = await used();
    for (let i = 0; i < 50_000; i++) await store.increment(address(i), MINUTE, 2, MINUTE, 'read');
    const perClient = ((await used()) - before) / 50_000;
    store.onApplicationShutdown();
    expect(perClient).toBeGreaterThan(400);
  });
});
