import { SignInQueue, type Share } from './sign-in-queue.js';

const full = () => new RangeError('full');

const SETTINGS = { concurrency: 2, maxWaiting: 8, maxPerAccount: 4 };

/** Lets everything that is ready run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A queue whose jobs end when the test ends them, in the order in which they started. */
function desk(settings = SETTINGS) {
  const queue = new SignInQueue(settings, full);
  const running: { share: Share; end: () => void }[] = [];
  const started: string[] = [];
  const ask = (share: Share): Promise<'done' | 'refused'> =>
    queue
      .run(share, () => {
        started.push(share.account);
        return new Promise<void>((end) => running.push({ share, end }));
      })
      .then(
        () => 'done' as const,
        (error: unknown) => {
          if (!(error instanceof RangeError)) throw error;
          return 'refused' as const;
        },
      );
  const endNext = async (): Promise<boolean> => {
    running.shift()?.end();
    await settle();
    return running.length > 0;
  };
  return { queue, started, ask, endNext };
}

/**
 * One account keeps 40 sign-ins in the air while 40 others sign in once each.
 * @param keyOf the share that the queue sees of an account
 * @returns how many of the 40 others were refused
 */
async function refusedOthers(
  keyOf: (account: string) => Share,
  settings: typeof SETTINGS,
): Promise<{ others: number; attacker: number }> {
  const { ask, endNext } = desk(settings);
  let attacker = 0;
  const others: Promise<'done' | 'refused'>[] = [];
  for (let n = 0; n < 40; n++) {
    for (let one = 0; one < 40; one++)
      void ask(keyOf('attacker')).then((said) => (attacker += said === 'done' ? 1 : 0));
    others.push(ask(keyOf(`user-${n}`)));
    await endNext();
    await endNext();
  }
  while (await endNext());
  const answers = await Promise.all(others);
  return { others: answers.filter((said) => said === 'refused').length, attacker };
}

describe('the sign-in queue', () => {
  it('the sign-in queue runs as many jobs at once as allowed, and starts the next when one ends', async () => {
    const { queue, started, ask, endNext } = desk();
    const all = ['a', 'b', 'c'].map((account) => ask({ network: account, account }));
    await settle();
    expect([started, queue.depth]).toEqual([['a', 'b'], 3]);
    await endNext();
    expect([started, queue.depth]).toEqual([['a', 'b', 'c'], 2]);
    await endNext();
    await endNext();
    expect(await Promise.all(all)).toEqual(['done', 'done', 'done']);
    expect(queue.depth).toBe(0);
  });

  it('the sign-in queue never exceeds its concurrency when a job arrives in the tick in which another ends', async () => {
    let running = 0;
    let most = 0;
    const queue = new SignInQueue({ concurrency: 2, maxWaiting: 100, maxPerAccount: 100 }, full);
    const job = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
    };
    const wave = (): Promise<void> => queue.run({ network: 'n', account: 'a' }, job);
    await Promise.all(Array.from({ length: 20 }, () => wave().then(wave)));
    expect(most).toBe(2);
  });

  it('the sign-in queue serves networks in rotation, and accounts within a network', async () => {
    const { started, ask, endNext } = desk({ concurrency: 1, maxWaiting: 20, maxPerAccount: 4 });
    void ask({ network: 'office', account: 'first' });
    for (let n = 0; n < 3; n++) void ask({ network: 'office', account: 'ann' });
    for (let n = 0; n < 2; n++) void ask({ network: 'office', account: 'ben' });
    for (let n = 0; n < 2; n++) void ask({ network: 'home', account: 'cat' });
    await settle();
    while (await endNext());
    expect(started).toEqual(['first', 'ann', 'cat', 'ben', 'cat', 'ann', 'ben', 'ann']);
  });

  it('the sign-in queue refuses the fifth job of an account, and frees its place when a job fails', async () => {
    const { queue, ask, endNext } = desk();
    const five = Array.from({ length: 5 }, () => ask({ network: 'n', account: 'a' }));
    expect(await five[4]).toBe('refused');
    while (await endNext());
    const failing = queue.run({ network: 'n', account: 'a' }, () => Promise.reject(new Error('broken')));
    await expect(failing).rejects.toThrow('broken');
    expect(queue.depth).toBe(0);
  });

  it('a job of a network that waits for less displaces the newest job of the one that waits for most', async () => {
    const { ask } = desk({ concurrency: 1, maxWaiting: 3, maxPerAccount: 9 });
    const busy = Array.from({ length: 4 }, () => ask({ network: 'busy', account: 'a' }));
    void ask({ network: 'quiet', account: 'b' });
    expect(await busy[3]).toBe('refused');
    // Two jobs of one network wait, and one of the other. A second one of the quiet network would only reverse that.
    expect(await ask({ network: 'quiet', account: 'b' })).toBe('refused');
  });

  it('an account that signs in 40 times at once keeps none of 40 others out, from its own address or another', async () => {
    const elsewhere = await refusedOthers((account) => ({ network: account, account }), SETTINGS);
    const sameOffice = await refusedOthers((account) => ({ network: 'office', account }), SETTINGS);
    expect(elsewhere.others).toBe(0);
    expect(sameOffice.others).toBe(0);
    expect(Math.min(elsewhere.attacker, sameOffice.attacker)).toBeGreaterThan(0);
  });

  it('without shares (first in, first out), one account locks out more than half of the others', async () => {
    const nobody = () => ({ network: 'all', account: 'all' });
    expect((await refusedOthers(nobody, { ...SETTINGS, maxPerAccount: 1_000 })).others).toBeGreaterThan(20);
  });
});
