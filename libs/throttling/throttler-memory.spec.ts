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
  it('requests up to the limit are accepted, and the next is refused with the time of the next place', async () => {
    const { take, wait } = memoryAt(3);
    for (let used = 1; used <= 3; used++) expect(await take()).toMatchObject({ totalHits: used, isBlocked: false });
    const refused = await take();
    expect(refused.isBlocked).toBe(true);
    wait(refused.timeToBlockExpire * 1000);
    expect(await take()).toMatchObject({ isBlocked: false });
  });

  it('twice the limit is never accepted around the boundary of a window', async () => {
    const { take, wait } = memoryAt(100);
    wait(MINUTE - 1);
    for (let i = 0; i < 100; i++) await take();
    wait(1);
    let through = 0;
    for (let i = 0; i < 100; i++) if (!(await take()).isBlocked) through++;
    expect(through).toBeLessThanOrEqual(1);
  });

  it('a client that keeps retrying still gets its allowed rate', async () => {
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

  it('the most active clients stay tracked when there are more clients than the maximum', async () => {
    const { memory, take } = memoryAt(50, 1_024);
    for (let i = 0; i < 50; i++) await take('heavy');
    for (let i = 0; i < 20_000; i++) await take(`spray-${i}`);
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

  it('the memory reports the remaining limit of the busiest client', async () => {
    const { memory, take, wait } = memoryAt(10);
    for (let i = 0; i < 4; i++) await take();
    expect(memory.usage()[0]).toMatchObject({ name: 'read', tracked: 1, headroom: 0.6 });
    wait(3 * MINUTE);
    expect(memory.usage()[0]).toMatchObject({ tracked: 0, headroom: 1 });
  });
});

describe('counters of many addresses', () => {
  const address = (i: number) => `${i >>> 24}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;

  it('counters of many addresses take under 100 bytes for each of 200,000 addresses, all of them counted, and are freed after the window', async () => {
    const { memory, take, wait } = memoryAt(2);
    for (let i = 0; i < 200_000; i++) await take(address(i));
    expect(memory.bytes).toBeLessThan(20_000_000);
    expect(memory.usage()[0]).toMatchObject({ tracked: 200_000, evictions: 0 });
    wait(2 * MINUTE);
    memory.sweep();
    expect(memory.bytes).toBeLessThan(200_000);
  });
});
