import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { setTimeout as pause } from 'node:timers/promises';
import { itSurvivesFaultsOfRedis } from '../e2e/redis-faults.fixture.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';

describeWithRedis('a desk with a faulty Redis, for a minute each', () => itSurvivesFaultsOfRedis(60, true));

describeWithRedis("cache-manager's own second tier (negative control)", () => {
  it('waits for a Redis that hangs for more than 5 s, and so does its caller', async () => {
    const server = await RedisServer.start();
    const store = new KeyvRedis(server.url);
    const cache = createCache({ stores: [new Keyv(), new Keyv({ store })] });
    try {
      expect(await cache.wrap('warm', async () => 1, 60_000)).toBe(1);
      server.pause();
      const waiting = cache.wrap('key', async () => 'from the database', 60_000);
      expect(await Promise.race([waiting, pause(5_000, 'still pending')])).toBe('still pending');
      server.resume();
      expect(await waiting).toBe('from the database');
    } finally {
      await store.disconnect(true);
      await server.stop();
    }
  });
});
