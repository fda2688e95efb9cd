import { Gauge, Histogram } from 'prom-client';
import { type HashCost, PasswordHasher } from './password-hasher.js';
import { WorkQueue } from './work-queue.js';

const CHEAP: HashCost = { memoryKib: 8192, timeCost: 1, parallelism: 1 };

function hasher(cost = CHEAP, queue = new WorkQueue(2, 8)): PasswordHasher {
  const registers: [] = [];
  return new PasswordHasher(
    cost,
    queue,
    new Gauge({ name: 'd', help: 'd', registers }),
    new Histogram({ name: 's', help: 's', registers }),
  );
}

describe('the password hasher', () => {
  it('makes argon2id hashes that only their password opens', async () => {
    const stored = await hasher().hash('correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
    await expect(hasher().verify(stored, 'correct horse battery')).resolves.toBe(true);
    await expect(hasher().verify(stored, 'correct horse batterz')).resolves.toBe(false);
  });

  it('takes two spellings of the same letters for one password', async () => {
    const stored = await hasher().hash('caf\u00e9 au lait, please');
    await expect(hasher().verify(stored, 'cafe\u0301 au lait, please')).resolves.toBe(true);
  });

  it("says no to an unknown user, even with the decoy's own password", async () => {
    await expect(hasher().verify(undefined, 'a password that nobody has')).resolves.toBe(false);
  });

  it('does the work of a hash for an unknown user too', async () => {
    const registers: [] = [];
    const seconds = new Histogram({ name: 's', help: 's', registers });
    const counted = new PasswordHasher(
      CHEAP,
      new WorkQueue(1, 1),
      new Gauge({ name: 'd', help: 'd', registers }),
      seconds,
    );
    await counted.verify(undefined, 'x');
    await counted.verify(await counted.hash('a password of length'), 'x');
    const { values } = await seconds.get();
    // Two verifications and one hash went through the queue.
    expect(values.find((value) => value.metricName === 's_count')?.value).toBe(3);
  });

  it('knows a hash that was made at another cost', async () => {
    const stored = await hasher().hash('correct horse battery');
    expect(hasher().isOutdated(stored)).toBe(false);
    expect(hasher({ ...CHEAP, timeCost: 2 }).isOutdated(stored)).toBe(true);
    expect(hasher({ ...CHEAP, memoryKib: 9000 }).isOutdated(stored)).toBe(true);
  });

  it('answers 503 AUTH_BUSY when the queue is full', async () => {
    const one = hasher(CHEAP, new WorkQueue(1, 1));
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => one.hash('a password of length')));
    const codes = results.map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : 'done',
    );
    expect(codes.filter((code) => code === 'done')).toHaveLength(2);
    expect(codes.filter((code) => code === 'AUTH_BUSY')).toHaveLength(4);
  });
});
