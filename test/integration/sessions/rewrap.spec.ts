import { jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Database } from '#database';
import { SessionsModule, SessionsService, SessionTokens } from '#sessions';
import { SessionsRepository } from '../../../libs/sessions/sessions.repository.js';
import { eventually } from '../../setup/eventually.js';
import { testEnvironment } from '../../setup/test-environment.js';
import { testModule } from '../../setup/test-module.js';

const OLD = testEnvironment('')['SESSIONS_ENCRYPTION_KEY']!;
const NEW = randomBytes(32).toString('base64');
const USERS = 12;
const ACCOUNTS = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A9', 'A10'];
const TOKENS = USERS * ACCOUNTS.length;
const LATER = '2031-01-01T00:00:00Z';

describe('broker tokens under another key', () => {
  let first: Awaited<ReturnType<typeof testModule>>;
  let second: typeof first;
  let users: string[];

  beforeAll(async () => {
    // The first step of a rotation: the old key seals, and the new key opens too.
    first = await testModule([SessionsModule], { env: { SESSIONS_ENCRYPTION_KEYS_PREVIOUS: NEW } });
    const env = { SESSIONS_ENCRYPTION_KEY: NEW, SESSIONS_ENCRYPTION_KEYS_PREVIOUS: OLD };
    second = await testModule([SessionsModule], { database: first.database, env });
    const rows = await first.get(Database).rows<{ id: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles)
       SELECT 'u' || n || '@example.com', 'x', 'U', '{trader}' FROM generate_series(1, $1::int) n RETURNING id`,
      [USERS],
    );
    users = rows.map(({ id }) => id);
    for (const user of users)
      for (const account of ACCOUNTS) await save(first, user, account, `token-${user}-${account}`);
  });
  afterAll(async () => {
    await second.close();
    await first.close();
  });

  const save = (module: typeof first, user: string, account: string, accessToken: string) =>
    module
      .get(SessionsService)
      .save(user, { broker: 'zerodha', account, loginMethod: 'oauth', expiresAt: LATER, details: {}, accessToken });
  const open = async (module: typeof first, userId: string, account: string) =>
    (await module.get(SessionTokens).open({ userId, broker: 'zerodha', account })).token.reveal();

  it('a rewrap that fails half-way is continued by the next one, which reads only what is left', async () => {
    const repository = second.get(SessionsRepository);
    const { replaceToken } = repository;
    let calls = 0;
    const spy = jest.spyOn(repository, 'replaceToken').mockImplementation(function (this: SessionsRepository, ...args) {
      if (++calls > 100) return Promise.reject(new Error('the connection was lost'));
      return replaceToken.apply(repository, args);
    });
    await expect(second.get(SessionTokens).rewrap()).rejects.toThrow('the connection was lost');
    spy.mockRestore();
    const [counted] = [await second.get(SessionTokens).sealed()];
    expect(counted.values.map(({ count }) => count).sort()).toEqual([100, TOKENS - 100]);
    const read = jest.spyOn(repository, 'tokensSealedOtherwise');
    expect(await second.get(SessionTokens).rewrap()).toMatchObject({
      rewrapped: TOKENS - 100,
      current: 100,
      failed: [],
      remaining: 0,
    });
    const rows = await Promise.all(read.mock.results.map(({ value }) => value as Promise<unknown[]>));
    expect(rows.flat()).toHaveLength(TOKENS - 100);
    read.mockRestore();
  });

  it('tokens are sealed with a new key while processes of both steps save and open them, and none fails', async () => {
    await first.get(SessionTokens).rewrap(); // back to the old key
    let loading = true;
    let [opened, saved] = [0, 0];
    const expected = new Map<string, string>();
    const load = async (module: typeof first, part: number) => {
      for (let n = part; loading; n += 7) {
        const [user, account] = [users[n % USERS]!, ACCOUNTS[n % ACCOUNTS.length]!];
        const key = `${user}-${account}`;
        // Every worker has users of its own, so it knows which token it saved last.
        if (users.indexOf(user) % 4 !== part % 4) continue;
        const token = `token-${key}-${n}`;
        await save(module, user, account, token);
        saved += 1;
        expected.set(key, token);
        for (const reader of [first, second]) {
          expect(await open(reader, user, account)).toBe(token);
          opened += 1;
        }
      }
    };
    const running = Promise.all([load(first, 0), load(second, 1), load(first, 2), load(second, 3)]);
    await eventually(() => expect(saved).toBeGreaterThan(100));
    const during = await second.get(SessionTokens).rewrap();
    expect(during.failed).toEqual([]);
    expect(during.rewrapped).toBeGreaterThan(0);
    const enough = opened + 200;
    await eventually(() => expect(opened).toBeGreaterThan(enough));
    loading = false;
    await running;
    // Processes of the first step sealed with the old key meanwhile. When they have ended, nothing of it is left.
    expect(await second.get(SessionTokens).rewrap()).toMatchObject({ failed: [], remaining: 0 });
    const alone = await testModule([SessionsModule], {
      database: first.database,
      env: { SESSIONS_ENCRYPTION_KEY: NEW },
    });
    for (const user of users)
      for (const account of ACCOUNTS)
        expect(await open(alone, user, account)).toBe(expected.get(`${user}-${account}`) ?? `token-${user}-${account}`);
    await alone.close();
  });

  it('after a rewrap a process without the old key recognises the same token as the same', async () => {
    const [user, account] = [users[0]!, ACCOUNTS[0]!];
    const token = await open(second, user, account);
    const alone = await testModule([SessionsModule], {
      database: first.database,
      env: { SESSIONS_ENCRYPTION_KEY: NEW },
    });
    expect(await save(alone, user, account, token)).toMatchObject({ outcome: 'unchanged' });
    await alone.close();
  });

  it('a token of a retired key is refused with the id of the key, and the others still open', async () => {
    const [user, account] = [users[1]!, ACCOUNTS[1]!];
    await save(first, user, account, 'sealed-by-a-process-that-was-not-restarted');
    const [oldId] = (await first.get(SessionTokens).sealed()).keyIds;
    const alone = await testModule([SessionsModule], {
      database: first.database,
      env: { SESSIONS_ENCRYPTION_KEY: NEW },
    });
    await expect(open(alone, user, account)).rejects.toMatchObject({
      code: 'SEALING_CANNOT_OPEN',
      message: expect.stringContaining(`needs the key ${oldId}, which is retired or was never configured`),
    });
    expect(await open(alone, users[0]!, ACCOUNTS[0]!)).not.toBe('');
    expect((await alone.get(SessionTokens).rewrap()).failed).toMatchObject([{ keyId: oldId }]);
    await alone.close();
  });
});
