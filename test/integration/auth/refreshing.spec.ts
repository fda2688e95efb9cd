import { Authenticator, AuthModule, UsersService } from '#auth';
import { Database } from '#database';
import { DomainError } from '#errors';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import { LogoutService } from '../../../libs/auth/logins/logout.service.js';
import { RefreshService } from '../../../libs/auth/logins/refresh.service.js';
import type { TokenPair } from '../../../libs/auth/tokens/access-tokens.js';
import { testEnvironment } from '../../setup/test-environment.js';
import { testModule } from '../../setup/test-module.js';

type Module = Awaited<ReturnType<typeof testModule>>;

const PASSWORD = 'correct horse battery';
/** The longest possible grace, so a slow machine never leaves it. The tests age tokens instead of waiting. */
const ENV = { AUTH_REFRESH_GRACE: '1m' };
const ORIGIN = { ip: '127.0.0.1', userAgent: undefined };
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe('a login', () => {
  let module: Module;
  let logins: RefreshService;
  let authenticator: Authenticator;
  let database: Database;
  let userId: string;
  const login = (): Promise<TokenPair> => module.get(LoginService).login('trader@example.com', PASSWORD, ORIGIN);
  const authenticates = (pair: TokenPair): Promise<string> => code(authenticator.authenticate(pair.accessToken));
  /** Makes all uses so far older by the interval. */
  const age = (interval: string): Promise<number> =>
    database.run(`UPDATE refresh_tokens SET used_at = used_at - $1::interval WHERE used_at IS NOT NULL`, [interval]);

  beforeAll(async () => {
    module = await testModule([AuthModule], { env: ENV });
    logins = module.get(RefreshService);
    authenticator = module.get(Authenticator);
    database = module.get(Database);
    userId = (
      await module.get(UsersService).add({ email: 'trader@example.com', roles: ['trader'], password: PASSWORD })
    ).user.id;
  });
  afterAll(() => module.close());

  it('a login continues by refreshing, and each token is replaced by another', async () => {
    let pair = await login();
    const { loginId } = await authenticator.authenticate(pair.accessToken);
    for (let n = 0; n < 5; n++) {
      const next = await logins.refresh(pair.refreshToken);
      expect(next.refreshToken).not.toBe(pair.refreshToken);
      expect((await authenticator.authenticate(next.accessToken)).loginId).toBe(loginId);
      pair = next;
    }
  });

  it('a client whose answer was lost gets the same successor again and continues with it', async () => {
    const pair = await login();
    const lost = await logins.refresh(pair.refreshToken);
    const again = await logins.refresh(pair.refreshToken);
    expect(again.refreshToken).toBe(lost.refreshToken);
    expect(await authenticates(again)).toBe('done');
    expect((await logins.refresh(again.refreshToken)).refreshToken).not.toBe(again.refreshToken);
    expect(await authenticates(lost)).toBe('done');
  });

  it('two tabs that hold the same refresh token and refresh one after the other stay signed in', async () => {
    let [one, two] = [await login(), undefined as TokenPair | undefined];
    two = one;
    for (let n = 0; n < 3; n++) {
      one = await logins.refresh(one.refreshToken);
      two = await logins.refresh(two.refreshToken);
      expect(two.refreshToken).toBe(one.refreshToken);
      expect([await authenticates(one), await authenticates(two)]).toEqual(['done', 'done']);
      await age('1 minute');
    }
  });

  it('twenty clients that refresh with the same token at once all get the same successor', async () => {
    const pair = await login();
    const pairs = await Promise.all(Array.from({ length: 20 }, () => logins.refresh(pair.refreshToken)));
    expect(new Set(pairs.map((each) => each.refreshToken)).size).toBe(1);
    const { loginId } = await authenticator.authenticate(pair.accessToken);
    const rows = await database.rows('SELECT used_at IS NULL AS unused FROM refresh_tokens WHERE login_id = $1', [
      loginId,
    ]);
    expect(rows).toHaveLength(2);
    expect(rows.filter((row) => row['unused'])).toHaveLength(1);
    expect(await code(logins.refresh(pairs[0]!.refreshToken))).toBe('done');
  });

  it('within the grace every older token of a chain gets the newest one', async () => {
    const chain = [await login()];
    for (let n = 0; n < 4; n++) chain.push(await logins.refresh(chain.at(-1)!.refreshToken));
    const newest = chain.at(-1)!.refreshToken;
    for (const { refreshToken } of [chain[2]!, chain[0]!, chain[3]!, chain[1]!]) {
      expect((await logins.refresh(refreshToken)).refreshToken).toBe(newest);
    }
    expect(await code(logins.refresh(newest))).toBe('done');
  });

  it('a chain is followed for at most 100 tokens, and a longer one does not end the login', async () => {
    const first = await login();
    let last = first;
    for (let n = 0; n < 100; n++) last = await logins.refresh(last.refreshToken);
    expect((await logins.refresh(first.refreshToken)).refreshToken).toBe(last.refreshToken);
    last = await logins.refresh(last.refreshToken);
    expect(await code(logins.refresh(first.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(logins.refresh(last.refreshToken))).toBe('done');
  });

  it('a token reused after the grace revokes its login, and every token of that login is refused with the same code', async () => {
    const stolen = await login();
    const next = await logins.refresh(stolen.refreshToken);
    await age('1 minute');
    expect(await code(logins.refresh(stolen.refreshToken))).toBe('AUTH_REFRESH_REUSED');
    expect(await authenticates(next)).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(logins.refresh(next.refreshToken))).toBe('AUTH_REFRESH_REUSED');
    expect(await code(logins.refresh(stolen.refreshToken))).toBe('AUTH_REFRESH_REUSED');
    const [row] = await database.rows<{ reason: string }>(
      `SELECT revoke_reason AS reason FROM logins WHERE revoked_at IS NOT NULL ORDER BY id DESC LIMIT 1`,
    );
    expect(row?.reason).toBe('refresh_reuse');
  });

  it('the grace counts from the first use of a token and is not extended by further uses', async () => {
    const pair = await login();
    await logins.refresh(pair.refreshToken);
    for (let n = 0; n < 2; n++) {
      await age('20 seconds');
      expect(await code(logins.refresh(pair.refreshToken))).toBe('done');
    }
    await age('20 seconds');
    expect(await code(logins.refresh(pair.refreshToken))).toBe('AUTH_REFRESH_REUSED');
  });

  it('with a grace of 0 the second use of a token revokes its login', async () => {
    const strict = await testModule([AuthModule], { database: module.database, env: { AUTH_REFRESH_GRACE: '0s' } });
    try {
      const pair = await login();
      await strict.get(RefreshService).refresh(pair.refreshToken);
      expect(await code(strict.get(RefreshService).refresh(pair.refreshToken))).toBe('AUTH_REFRESH_REUSED');
    } finally {
      await strict.close();
    }
  });

  it('every process returns the same successor, also when several are asked at once', async () => {
    const elsewhere = await testModule([AuthModule], { database: module.database, env: ENV });
    try {
      const pair = await login();
      const here = await logins.refresh(pair.refreshToken);
      const there = await elsewhere.get(RefreshService).refresh(pair.refreshToken);
      expect(there.refreshToken).toBe(here.refreshToken);
      const pairs = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          (n % 2 === 0 ? logins : elsewhere.get(RefreshService)).refresh(here.refreshToken),
        ),
      );
      expect(new Set(pairs.map((each) => each.refreshToken)).size).toBe(1);
      expect(pairs[0]!.refreshToken).not.toBe(here.refreshToken);
    } finally {
      await elsewhere.close();
    }
  });

  it('a token gets the same successor after a change of JWT_SECRET_KEY if the old key is still accepted', async () => {
    const oldKey = testEnvironment('')['JWT_SECRET_KEY']!;
    const env = { ...ENV, JWT_SECRET_KEY: 'the next secret, of more than thirty-two bytes' };
    const [rotated, forgetful] = await Promise.all([
      testModule([AuthModule], {
        database: module.database,
        env: { ...env, JWT_VERIFY_KEYS: JSON.stringify([{ key: oldKey }]) },
      }),
      testModule([AuthModule], { database: module.database, env }),
    ]);
    try {
      const pair = await login();
      const next = await logins.refresh(pair.refreshToken);
      expect(await code(forgetful.get(RefreshService).refresh(pair.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
      expect((await rotated.get(RefreshService).refresh(pair.refreshToken)).refreshToken).toBe(next.refreshToken);
      // The login did not end because a process without the key refused a token.
      expect(await code(forgetful.get(RefreshService).refresh(next.refreshToken))).toBe('done');
    } finally {
      await Promise.all([rotated.close(), forgetful.close()]);
    }
  });

  it.each([
    [
      'logged out',
      async (pair: TokenPair) => module.get(LogoutService).logout(await authenticator.authenticate(pair.accessToken)),
    ],
    ['changed the password', () => module.get(UsersService).resetPassword(userId, PASSWORD)],
    ['reached its maximum lifetime', () => database.run(`UPDATE logins SET expires_at = now()`)],
    ['lost its user', () => database.run('UPDATE users SET disabled_at = now()')],
  ])('a login is not brought back within the grace after it %s', async (_what, end) => {
    const pair = await login();
    const next = await logins.refresh(pair.refreshToken);
    await end(next);
    try {
      for (const { refreshToken } of [pair, next]) {
        expect(await code(logins.refresh(refreshToken))).toBe('AUTH_UNAUTHENTICATED');
      }
      await age('1 minute');
      expect(await code(logins.refresh(pair.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    } finally {
      await database.run('UPDATE users SET disabled_at = NULL');
    }
  });

  it('no table holds a refresh token in clear, in hexadecimal or in base64', async () => {
    const pairs = [await login()];
    for (let n = 0; n < 3; n++) pairs.push(await logins.refresh(pairs.at(-1)!.refreshToken));
    await logins.refresh(pairs[0]!.refreshToken);
    let dump = '';
    for (const { name } of await database.rows<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )) {
      dump += JSON.stringify(await database.rows(`SELECT to_jsonb(t)::text AS row FROM ${name} t`));
    }
    expect(dump).toContain('trader@example.com');
    for (const { refreshToken } of pairs) {
      const bytes = Buffer.from(refreshToken.slice(4), 'base64url');
      for (const form of [refreshToken.slice(4), bytes.toString('hex'), bytes.toString('base64')]) {
        expect(dump).not.toContain(form);
      }
    }
  });

  it('a revoked login does not end the other logins of its user', async () => {
    const other = await login();
    const stolen = await login();
    await logins.refresh(stolen.refreshToken);
    await age('1 minute');
    await code(logins.refresh(stolen.refreshToken));
    expect(await authenticates(other)).toBe('done');
  });

  it.each(['', 'dwr_', 'x'.repeat(200), 'dwr_' + 'A'.repeat(43), '\0'])(
    '%j is refused as a refresh token',
    async (token) => {
      expect(await code(logins.refresh(token))).toBe('AUTH_UNAUTHENTICATED');
    },
  );
});
