import { AuthModule } from '#auth';
import { Peers } from '#throttling';
import { LoginLimits } from '../../libs/auth/credentials/login-limits.js';
import { ConnectionBudget } from '../../libs/realtime/budgets/connection-budget.js';
import { ThrottlerMemory } from '../../libs/throttling/throttler-memory.js';
import { eventually } from '../setup/eventually.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';
import { type TestModule, testModule } from '../setup/test-module.js';

const MILLION = 1_000_000;
const MINUTE = 60_000;
const address = (i: number) => `${i >>> 24}.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;

describe('a million clients', () => {
  it('a million addresses in two classes are counted in less than 150 MB, which are free after their window', () => {
    let now = 1_800_000_000_000;
    const memory = new ThrottlerMemory(MILLION, () => now);
    for (let i = 0; i < MILLION; i++) {
      memory.take(address(i), MINUTE, 60_000, 'read', 937);
      memory.take(`${address(i)} user ${i}`, MINUTE, 60, 'login');
    }
    expect(memory.usage().map(({ tracked }) => tracked)).toEqual([MILLION, MILLION]);
    expect(memory.bytes).toBeLessThan(150_000_000);
    now += 2 * MINUTE;
    memory.sweep();
    expect(memory.bytes).toBeLessThan(15_000_000);
  });

  it('a million accounts with failed sign-ins leave at most 50,000 of each counter', async () => {
    const limits = new LoginLimits({ windowMs: MINUTE, perPair: 10, perNetwork: 100, perAccount: 50 }, () => 0);
    for (let i = 0; i < MILLION; i++) await limits.begin(`user ${i}`, address(i), async () => false);
    expect(limits.size).toBe(150_000);
  });

  it('a million sockets of as many users and addresses leave no count behind', () => {
    const none = { cluster: 0, clusterForOperators: 0, forOperators: 0 };
    const budget = new ConnectionBudget({
      ...none,
      ...{ total: 100, perUser: 10, perAddress: 20, handshakesPerAddress: 10, perSecond: MILLION },
    });
    let refused = 0;
    for (let i = 0; i < MILLION; i++) {
      budget.beginHandshake(address(i));
      budget.checkBeforeToken(address(i), i);
      if (budget.enter(`user ${i}`, address(i), false) !== undefined) refused += 1;
      budget.endHandshake(address(i));
      budget.leave(`user ${i}`, address(i));
    }
    const { users, addresses } = budget.counts;
    expect(refused).toBe(0);
    expect([budget.used, users.size, addresses.size, budget.busiest('handshakes')]).toEqual([0, 0, 0, 0]);
  });
});

describeWithRedis('many clients in Redis', () => {
  let server: RedisServer;
  let module: TestModule;
  beforeAll(async () => {
    server = await RedisServer.start();
    module = await testModule([AuthModule], { env: { REDIS_URL: server.url } });
    await eventually(() => expect(module.get(Peers).joined).toBe(true));
  });
  afterAll(async () => {
    await module.close();
    await server.stop();
  });

  it('every count of failed sign-ins of 20,000 accounts ends by itself', async () => {
    const limits = module.get(LoginLimits);
    const accounts = Array.from({ length: 20_000 }, (_, n) => n);
    while (accounts.length > 0)
      await Promise.all(accounts.splice(0, 200).map((n) => limits.begin(`user ${n}`, address(n), async () => false)));
    const [, persistent] = /db0:keys=\d+,expires=(\d+)/.exec(server.command('INFO', 'keyspace').join('\n'))!;
    const keys = Number(server.command('DBSIZE')[0]);
    expect(keys).toBeGreaterThan(60_000 - 10);
    expect(Number(persistent)).toBe(keys);
  });
});
