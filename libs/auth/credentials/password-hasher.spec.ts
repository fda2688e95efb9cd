import { Gauge, Histogram } from 'prom-client';
import type { SignInQueueSettings } from './sign-in-queue.js';
import { type HashCost, PasswordHasher } from './password-hasher.js';

const CHEAP: HashCost = { memoryKib: 8192, timeCost: 1, parallelism: 1 };
const QUEUE: SignInQueueSettings = { concurrency: 2, maxWaiting: 8, maxPerAccount: 4 };
const ANN = { network: '192.0.2.1', account: 'ann@example.com' };

function metrics(): { depth: Gauge; seconds: Histogram } {
  const registers: [] = [];
  return {
    depth: new Gauge({ name: 'd', help: 'd', registers }),
    seconds: new Histogram({ name: 's', help: 's', registers }),
  };
}

function hasher(cost = CHEAP, queue = QUEUE, { depth, seconds } = metrics()) {
  return new PasswordHasher(cost, queue, depth, seconds);
}

describe('the password hasher', () => {
  it('the hasher makes argon2id hashes that only their password matches', async () => {
    const stored = await hasher().hash(ANN, 'correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
    await expect(hasher().verify(ANN, stored, 'correct horse battery')).resolves.toBe(true);
    await expect(hasher().verify(ANN, stored, 'correct horse batterz')).resolves.toBe(false);
  });

  it('the hasher accepts two Unicode forms of the same letters as one password', async () => {
    const stored = await hasher().hash(ANN, 'caf\u00e9 au lait, please');
    await expect(hasher().verify(ANN, stored, 'cafe\u0301 au lait, please')).resolves.toBe(true);
  });

  it('the hasher refuses an unknown user, even with the password of the decoy', async () => {
    await expect(hasher().verify(ANN, undefined, 'a password that nobody has')).resolves.toBe(false);
  });

  it('the hasher computes a hash for an unknown user too', async () => {
    const seen = metrics();
    const counted = hasher(CHEAP, { ...QUEUE, concurrency: 1, maxWaiting: 1 }, seen);
    await counted.verify(ANN, undefined, 'x');
    await counted.verify(ANN, await counted.hash(ANN, 'a password of length'), 'x');
    const { values } = await seen.seconds.get();
    // Two verifications and one hash went through the queue.
    expect(values.find((value) => value.metricName === 's_count')?.value).toBe(3);
  });

  it('the hasher recognises a hash of another cost', async () => {
    const stored = await hasher().hash(ANN, 'correct horse battery');
    expect(hasher().isOutdated(stored)).toBe(false);
    expect(hasher({ ...CHEAP, timeCost: 2 }).isOutdated(stored)).toBe(true);
    expect(hasher({ ...CHEAP, memoryKib: 9000 }).isOutdated(stored)).toBe(true);
  });

  it('the hasher runs two hashes, queues three, refuses the rest at once with a retry time, and accepts more afterwards', async () => {
    const seen = metrics();
    const bounded = hasher(CHEAP, { concurrency: 2, maxWaiting: 3, maxPerAccount: 8 }, seen);
    const depth = async (): Promise<number | undefined> => (await seen.depth.get()).values[0]?.value;
    const hashes = Array.from({ length: 8 }, () => bounded.hash(ANN, 'a password of length'));
    expect(await depth()).toBe(5);
    const results = await Promise.allSettled(hashes);
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
    expect(refused).toHaveLength(3);
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'AUTH_BUSY', details: { kind: 'unavailable', retryAfterMs: 1000 } });
    }
    expect(await depth()).toBe(0);
    await expect(bounded.hash(ANN, 'a password of length')).resolves.toBeDefined();
  });

  it('the hasher frees its place in the queue when a hash cannot be computed', async () => {
    const seen = metrics();
    const single = hasher(CHEAP, { ...QUEUE, concurrency: 1, maxWaiting: 0 }, seen);
    await expect(single.verify(ANN, 'not a hash', 'x')).rejects.toThrow();
    await expect(single.hash(ANN, 'a password of length')).resolves.toBeDefined();
    expect((await seen.depth.get()).values[0]?.value).toBe(0);
  });
});
