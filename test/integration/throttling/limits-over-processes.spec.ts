import { AuthModule } from '#auth';
import { redisConfig } from '#redis';
import { LimitReports, Peers, throttlingConfig } from '#throttling';
import { LoginLimits } from '../../../libs/auth/credentials/login-limits.js';
import type { RatePolicy } from '../../../libs/throttling/rate-policy.js';
import { RatePolicies } from '../../../libs/throttling/rate-policies.js';
import { eventually } from '../../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../../setup/redis-server.js';
import { type TestModule, testModule } from '../../setup/test-module.js';

/** Every limit is exact below 64. */
const LIMIT = 20;
const LARGE = 6_400;
const reply = { header: () => reply } as never;
/** The number of keys without an end, then all keys and what is in them. */
const DUMP = `
local dump, endless = {}, 0
for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('PTTL', key) == -1 then endless = endless + 1 end
  table.insert(dump, key)
  local kind = redis.call('TYPE', key).ok
  local content = kind == 'hash' and redis.call('HGETALL', key) or redis.call('ZRANGE', key, 0, -1)
  for _, text in ipairs(content) do table.insert(dump, text) end
end
table.insert(dump, 1, tostring(endless))
return dump`;
const never = async () => false;

describeWithRedis('limits of two processes with Redis', () => {
  let server: RedisServer;
  let nodes: [TestModule, TestModule];
  beforeAll(async () => {
    server = await RedisServer.start();
    const env = {
      REDIS_URL: server.url,
      THROTTLING_MAX_WRITES: String(LIMIT),
      THROTTLING_MAX_READS: String(LARGE),
      THROTTLING_MAX_LOGINS: String(LIMIT),
    };
    const internals = [
      // A hang is noticed after this long; the default is 50 ms, which a busy machine may miss.
      redisConfig.with({ timeoutMs: 1_000, retryMaxMs: 100 }),
      // The window of the tests must not end in the middle of one.
      throttlingConfig.with({ windowMs: 3_600_000 }),
    ];
    const first = await testModule([AuthModule], { env, internals });
    nodes = [first, await testModule([AuthModule], { env, internals, database: first.database })];
    await joined(2);
  });
  afterAll(async () => {
    for (const node of [...nodes].reverse()) await node.close();
    await server.stop();
  });

  const peers = () => nodes.map((node) => node.get(Peers));
  const joined = (processes: number) =>
    eventually(() =>
      expect(peers().map((each) => [each.joined, each.processes])).toEqual([
        [true, processes],
        [true, processes],
      ]),
    );
  const alone = () => eventually(() => expect(peers().map((each) => each.joined)).toEqual([false, false]));

  const admits = async (policy: RatePolicy, key: string): Promise<boolean> => {
    try {
      await policy.admit(key, reply);
      return true;
    } catch {
      return false;
    }
  };
  /** How many of so many requests each process admits, asked in turn. */
  async function admitted(name: 'write' | 'read' | 'login', key: string, times: number): Promise<number[]> {
    const through = [0, 0];
    for (let n = 0; n < times; n++)
      for (const at of [0, 1] as const) if (await admits(nodes[at].get(RatePolicies)[name], key)) through[at]! += 1;
    return through;
  }
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
  async function guesses(account: string, network: string, times: number): Promise<number[]> {
    const tried = [0, 0];
    for (let n = 0; n < times; n++)
      for (const at of [0, 1] as const)
        if ((await nodes[at].get(LoginLimits).begin(account, network, never)).waitMs === 0) tried[at]! += 1;
    return tried;
  }

  it('a user has a small limit once over both processes, also with requests of one moment', async () => {
    expect(sum(await admitted('write', 'ana', LIMIT))).toBe(LIMIT);
    const burst = await Promise.all(
      nodes.flatMap((node) => Array.from({ length: LIMIT }, () => admits(node.get(RatePolicies).write, 'ben'))),
    );
    expect(burst.filter(Boolean)).toHaveLength(LIMIT);
  });

  it('a user has a large limit once over both processes, with at most a 64th of it more for each', async () => {
    const through = sum(await admitted('read', 'ana', LARGE));
    expect(through).toBeGreaterThanOrEqual(LARGE);
    expect(through).toBeLessThanOrEqual(LARGE + 2 * (LARGE / 64));
  });

  it('failed sign-ins are counted exactly over both processes, and a right password is not', async () => {
    expect(sum(await guesses('ana', '192.0.2.1', 20))).toBe(10);
    for (let n = 0; n < 30; n++) {
      const attempt = await nodes[(n % 2) as 0 | 1].get(LoginLimits).begin('ben', '192.0.2.2', never);
      expect(attempt.waitMs).toBe(0);
      attempt.succeeded();
    }
    // Answered after the ends of the sign-ins.
    for (const node of nodes) await node.get(LoginLimits).learn();
    expect(sum(await guesses('ben', '192.0.2.2', 20))).toBe(10);
  });

  it('distributed guesses at one account are stopped over both processes, and its owner signs in from a known address', async () => {
    let tried = 0;
    for (let n = 0; n < 60; n++) tried += sum(await guesses('owner', `198.51.100.${n}`, 1));
    expect(tried).toBe(50);
    for (const node of nodes)
      expect((await node.get(LoginLimits).begin('owner', '203.0.113.1', async () => true)).waitMs).toBe(0);
  });

  it('every key in Redis ends by itself and names no person or address', async () => {
    const [endless = '', ...content] = server.command('EVAL', DUMP, '0');
    expect(endless).toBe('0');
    expect(content.length).toBeGreaterThan(100);
    expect(content.filter((text) => /ana|ben|owner|192\.0|198\.51|203\.0/.test(text))).toEqual([]);
  });

  it('without Redis each process goes on with its own counts and a divided limit of sign-ins; with Redis they join once', async () => {
    await admitted('write', 'chi', 2);
    await guesses('chi', '192.0.2.3', 1);
    for (let n = 0; n < 10; n++) await nodes[0].get(LoginLimits).begin('fay', '192.0.2.5', never);
    // Once a second by itself.
    await nodes[1].get(LoginLimits).learn();
    await server.kill();
    await alone();
    // Decided at once: nothing is asked.
    expect(nodes[0].get(RatePolicies).write.admit('chi', reply)).toBeUndefined();
    expect(await admitted('login', 'dan', LIMIT)).toEqual([LIMIT / 2, LIMIT / 2]);
    expect(await guesses('dan', '192.0.2.4', 20)).toEqual([5, 5]);
    expect(await guesses('chi', '192.0.2.3', 3)).toEqual([3, 3]);
    // Used up by one process before Redis was lost.
    expect(await guesses('fay', '192.0.2.5', 10)).toEqual([0, 0]);
    const reports = nodes[0].get(LimitReports).list();
    expect(reports.find(({ name }) => name === 'throttling.write')).toMatchObject({
      scope: 'cluster',
      counted: 'process',
    });
    await server.restart();
    await joined(2);
    // 1 and 3 of each process, counted once.
    expect(sum(await guesses('chi', '192.0.2.3', 10))).toBe(2);
    expect(sum(await guesses('dan', '192.0.2.4', 10))).toBe(0);
    expect(sum(await admitted('login', 'dan', LIMIT))).toBe(0);
  });

  it('a Redis that hangs holds up the requests of one moment; later ones are decided at once, and counted once when it answers', async () => {
    await guesses('gus', '192.0.2.6', 1);
    server.pause();
    const first = nodes.map((node) => admits(node.get(RatePolicies).write, 'eve'));
    expect(await Promise.all(first)).toEqual([true, true]);
    expect(peers().map((each) => each.joined)).toEqual([false, false]);
    for (const node of nodes) expect(node.get(RatePolicies).write.admit('eve', reply)).toBeUndefined();
    expect(await guesses('gus', '192.0.2.6', 1)).toEqual([1, 1]);
    server.resume();
    await joined(2);
    // Two of each process, and Redis still has the first of each. The last one of a process may have been under way to Redis.
    const left = sum(await guesses('gus', '192.0.2.6', 10));
    expect(left).toBeGreaterThanOrEqual(6);
    expect(left).toBeLessThanOrEqual(8);
    // Two of each process were admitted.
    expect(sum(await admitted('write', 'eve', LIMIT))).toBe(LIMIT - 4);
  });
});
