import { type InternalValues, Secret } from '#config';
import { Redis, redisConfig, redisScript } from '#redis';
import { Breakers } from '#resilience';
import { eventually } from '../../setup/eventually.js';
import { FaultProxy } from '../../setup/fault-proxy.js';
import { describeWithRedis, RedisServer } from '../../setup/redis-server.js';
import { type TestModule, testModule } from '../../setup/test-module.js';

/** Short, so that a silent server is noticed soon. A busy machine may miss it, and connects again. */
const limits = redisConfig.with({ timeoutMs: 50, connectTimeoutMs: 1_000, retryMaxMs: 100 });

async function open(url: string | undefined, internals: readonly InternalValues[] = [limits]) {
  const module = await testModule([], { env: url === undefined ? {} : { REDIS_URL: url }, internals });
  return { module, redis: module.get(Redis) };
}

describeWithRedis('Redis', () => {
  let server: RedisServer;
  let module: TestModule | undefined;
  let redis: Redis;
  beforeAll(async () => (server = await RedisServer.start()));
  afterAll(() => server.stop());
  afterEach(async () => {
    await module?.close();
    module = undefined;
  });

  const ping = () => redis.run((client) => client.ping());
  const answers = () => eventually(async () => expect(await ping()).toBe('PONG'));
  /** Calls until the breaker has noticed. */
  const lost = () =>
    eventually(async () => {
      await expect(ping()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
      expect(redis.available).toBe(false);
    });

  describe('while it answers', () => {
    beforeEach(async () => {
      ({ module, redis } = await open(server.url, []));
      await answers();
    });

    it('runs commands, in the namespace of the desk', async () => {
      await redis.run((client) =>
        client.set(redis.key('tests', 'one'), '1', { expiration: { type: 'EX', value: 60 } }),
      );
      expect(server.command('GET', 'deskwire:tests:one')).toEqual(['1']);
      expect(redis.downSince).toBeNull();
    });

    it('runs a script that the server does not know, or has forgotten', async () => {
      const sum = redisScript('return tonumber(ARGV[1]) + tonumber(redis.call("GET", KEYS[1]) or 0)');
      expect(await redis.script(sum, [redis.key('tests', 'none')], ['2'])).toBe(2);
      server.command('SCRIPT', 'FLUSH');
      expect(await redis.script(sum, [redis.key('tests', 'none')], ['3'])).toBe(3);
    });

    it('answers a command that is wrong with the same error, and stays connected', async () => {
      await expect(redis.run((client) => client.sendCommand(['NO-SUCH-COMMAND']))).rejects.toMatchObject({
        code: 'REDIS_UNAVAILABLE',
        cause: expect.objectContaining({ message: expect.stringContaining('unknown command') }),
      });
      expect(await ping()).toBe('PONG');
    });
  });

  it('without a URL every call fails at once, and nothing connects', async () => {
    ({ module, redis } = await open(undefined));
    expect(redis.enabled).toBe(false);
    await expect(ping()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  });

  it.each<[string, () => void | Promise<void>, () => void | Promise<void>]>([
    ['hangs', () => server.pause(), () => server.resume()],
    ['is killed', () => server.kill(), () => server.restart()],
  ])('when it %s, calls fail, then at once; afterwards they run again by themselves', async (_fault, begin, end) => {
    ({ module, redis } = await open(server.url));
    await answers();
    const seen: boolean[] = [];
    redis.onAvailability((available) => seen.push(available));
    await begin();
    await lost();
    expect(redis.downSince).not.toBeNull();
    await end();
    await answers();
    expect(seen.slice(0, 2)).toEqual([false, true]);
    expect(module!.get(Breakers).list()).toContainEqual(expect.objectContaining({ name: 'redis', state: 'closed' }));
  });

  describe('behind a faulty network', () => {
    let proxy: FaultProxy;
    beforeEach(async () => {
      proxy = await FaultProxy.start(server.url);
      ({ module, redis } = await open(proxy.url));
      await answers();
    });
    afterEach(() => proxy.become('refuse'));

    it('a slow server is not used until it is fast enough again', async () => {
      proxy.delayMs = 500;
      await lost();
      proxy.delayMs = 0;
      await answers();
    });

    it('a server that accepts connections and stays silent is not used, and found again', async () => {
      await proxy.become('hang');
      await lost();
      await redis.connect();
      expect(redis.available).toBe(false);
      await proxy.become('pass');
      await answers();
    });

    it('lost connections are made again', async () => {
      await proxy.become('reset');
      await lost();
      await proxy.become('pass');
      await answers();
    });
  });

  it('a wrong password is not logged', async () => {
    const url = new URL(server.url);
    url.password = 'a-wrong-password';
    ({ module, redis } = await open(url.href));
    expect(redis.available).toBe(false);
    expect(redisConfig.read({ REDIS_URL: url.href }).url).toBeInstanceOf(Secret);
    await expect(ping()).rejects.not.toMatchObject({ message: expect.stringContaining('a-wrong-password') });
  });

  it('refuses a URL of something else', () => {
    expect(() => redisConfig.read({ REDIS_URL: 'http://127.0.0.1' })).toThrow(/redis:\/\//);
  });
});
