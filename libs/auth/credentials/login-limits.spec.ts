import { LoginLimits } from './login-limits.js';

const never = async (): Promise<boolean> => false;
const always = async (): Promise<boolean> => true;

function limits(now = { ms: 0 }): LoginLimits {
  return new LoginLimits({ windowMs: 60_000, perPair: 3, perNetwork: 10, perAccount: 6 }, () => now.ms);
}

describe('login limits', () => {
  it('one address is stopped from guessing one account, and may try again after the window', async () => {
    const now = { ms: 0 };
    const limit = limits(now);
    for (let n = 0; n < 3; n++) expect((await limit.begin('a', 'net', never)).waitMs).toBe(0);
    now.ms = 10_000;
    expect((await limit.begin('a', 'net', never)).waitMs).toBe(50_000);
    expect((await limit.begin('b', 'net', never)).waitMs).toBe(0);
    now.ms = 60_000;
    expect((await limit.begin('a', 'net', never)).waitMs).toBe(0);
  });

  it('guesses that arrive all at once are limited like guesses in sequence', async () => {
    const limit = limits();
    const attempts = await Promise.all(Array.from({ length: 20 }, () => limit.begin('a', 'net', never)));
    expect(attempts.filter((attempt) => attempt.waitMs === 0)).toHaveLength(3);
  });

  it('one address is stopped from trying many accounts', async () => {
    const limit = limits();
    for (let n = 0; n < 10; n++) expect((await limit.begin(`account ${n}`, 'net', never)).waitMs).toBe(0);
    expect((await limit.begin('account 11', 'net', never)).waitMs).toBeGreaterThan(0);
  });

  it('an attacker with many addresses is stopped, and the owner still signs in from a known address', async () => {
    const limit = limits();
    let tried = 0;
    for (let n = 0; n < 100; n++) if ((await limit.begin('owner', `net ${n}`, never)).waitMs === 0) tried++;
    expect(tried).toBe(6);
    expect((await limit.begin('owner', 'home', always)).waitMs).toBe(0);
  });

  it('a known address is limited too, by its own counter', async () => {
    const limit = limits();
    for (let n = 0; n < 100; n++) await limit.begin('owner', `net ${n}`, never);
    for (let n = 0; n < 3; n++) expect((await limit.begin('owner', 'home', always)).waitMs).toBe(0);
    expect((await limit.begin('owner', 'home', always)).waitMs).toBeGreaterThan(0);
  });

  it('sign-ins that succeeded or were never checked are not counted', async () => {
    const limit = limits();
    for (let n = 0; n < 50; n++) {
      const attempt = await limit.begin('a', 'net', never);
      expect(attempt.waitMs).toBe(0);
      if (n % 2 === 0) attempt.succeeded();
      else attempt.abandoned();
    }
  });

  it('a correct password clears the counter of its account and address', async () => {
    const limit = limits();
    await limit.begin('a', 'net', never);
    await limit.begin('a', 'net', never);
    (await limit.begin('a', 'net', never)).succeeded();
    for (let n = 0; n < 3; n++) expect((await limit.begin('a', 'net', never)).waitMs).toBe(0);
  });
});

describe('login limits of processes that count alone', () => {
  /** Processes that were together and lost Redis. */
  function processes(number: number, changes: object[] = []): LoginLimits[] {
    const peers = {
      joined: false,
      sharers: number,
      nameOf: (text: string) => text,
      onJoin: () => undefined,
    };
    const settings = { windowMs: 60_000, perPair: 4, perNetwork: 20, perAccount: 12 };
    const shared = { peers, begin: async () => undefined, end: async () => undefined, changes: async () => changes };
    return Array.from({ length: number }, () => new LoginLimits(settings, () => 0, shared as never));
  }
  const guesses = async (limits: LoginLimits, account: string, network: string) => {
    let tried = 0;
    for (let n = 0; n < 50; n++) if ((await limits.begin(account, network, never)).waitMs === 0) tried++;
    return tried;
  };

  it('give an attacker no more guesses on two processes than one process gives', async () => {
    const both = processes(2);
    let [pair, account] = [0, 0];
    for (const limits of both) {
      pair += await guesses(limits, 'a', 'net');
      for (let n = 0; n < 30; n++) account += await guesses(limits, 'owner', `net ${n}`);
    }
    expect([pair, account]).toEqual([4, 12]);
  });

  it('let a user sign in who types the right password, any number of times', async () => {
    const [limits] = processes(4);
    for (let n = 0; n < 50; n++) {
      const attempt = await limits!.begin('ana', 'net', never);
      expect(attempt.waitMs).toBe(0);
      attempt.succeeded();
    }
  });

  it('let the owner of an account under attack sign in from a known address', async () => {
    const [limits] = processes(2);
    for (let n = 0; n < 30; n++) await guesses(limits!, 'owner', `net ${n}`);
    expect((await limits!.begin('owner', 'home', always)).waitMs).toBe(0);
  });

  it('divide what was left of a limit when the processes lost each other, and nothing when nothing was left', async () => {
    const [one, two] = processes(2, [
      { counter: 'pair', key: 'net a', count: 2, own: 2, leftMs: 60_000 },
      { counter: 'pair', key: 'net b', count: 4, own: 0, leftMs: 60_000 },
    ]);
    for (const limits of [one!, two!]) await limits.learn();
    expect(await guesses(one!, 'a', 'net')).toBe(1);
    expect(await guesses(two!, 'a', 'net')).toBe(1);
    expect([await guesses(one!, 'b', 'net'), await guesses(two!, 'b', 'net')]).toEqual([0, 0]);
  });
});
