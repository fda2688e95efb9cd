import { jest } from '@jest/globals';
import { Authenticator, AuthModule, UsersService } from '#auth';
import { Database } from '#database';
import { DomainError } from '#errors';
import { Standings } from '../../../libs/auth/standings/standings.js';
import { LogoutService } from '../../../libs/auth/logins/logout.service.js';
import { RefreshService } from '../../../libs/auth/logins/refresh.service.js';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import type { TokenPair } from '../../../libs/auth/tokens/token-pair.js';
import { eventually } from '../../setup/eventually.js';
import { testModule } from '../../setup/test-module.js';

type Module = Awaited<ReturnType<typeof testModule>>;

const PASSWORD = 'correct horse battery';
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
  /** As if the uses so far had been that long ago. */
  const age = (interval: string): Promise<number> =>
    database.run(`UPDATE refresh_tokens SET used_at = used_at - $1::interval WHERE used_at IS NOT NULL`, [interval]);

  beforeAll(async () => {
    module = await testModule([AuthModule]);
    logins = module.get(RefreshService);
    authenticator = module.get(Authenticator);
    database = module.get(Database);
    userId = (
      await module.get(UsersService).add({ email: 'trader@example.com', roles: ['trader'], password: PASSWORD })
    ).user.id;
  });
  afterAll(() => module.close());

  it('goes on by refreshing, each token once', async () => {
    let pair = await login();
    const { loginId } = await authenticator.authenticate(pair.accessToken);
    for (let n = 0; n < 5; n++) {
      const next = await logins.refresh(pair.refreshToken);
      expect(next.refreshToken).not.toBe(pair.refreshToken);
      expect((await authenticator.authenticate(next.accessToken)).loginId).toBe(loginId);
      pair = next;
    }
  });

  it('has one successor when twenty refresh with the same token at once, and survives', async () => {
    const pair = await login();
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => logins.refresh(pair.refreshToken)));
    const won = results.filter((result) => result.status === 'fulfilled');
    expect(won).toHaveLength(1);
    const [{ alive }] = (await database.rows<{ alive: number }>(
      `SELECT count(*)::int AS alive FROM refresh_tokens t WHERE used_at IS NULL AND login_id = $1`,
      [(await authenticator.authenticate(pair.accessToken)).loginId],
    )) as [{ alive: number }];
    expect(alive).toBe(1);
    await expect(logins.refresh(won[0]!.value.refreshToken)).resolves.toBeDefined();
  });

  it('dies with all its tokens when an old refresh token comes back', async () => {
    const stolen = await login();
    const next = await logins.refresh(stolen.refreshToken);
    await age('5 seconds');
    expect(await code(logins.refresh(stolen.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    expect(await authenticates(next)).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(logins.refresh(next.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    const [row] = await database.rows<{ reason: string }>(
      `SELECT revoke_reason AS reason FROM logins WHERE revoked_at IS NOT NULL ORDER BY id DESC LIMIT 1`,
    );
    expect(row?.reason).toBe('refresh_reuse');
  });

  it('leaves the other logins of its user alone when it dies', async () => {
    const other = await login();
    const stolen = await login();
    await logins.refresh(stolen.refreshToken);
    await age('1 minute');
    await code(logins.refresh(stolen.refreshToken));
    expect(await authenticates(other)).toBe('done');
  });

  it('ends by logout: its tokens are good for nothing at once', async () => {
    const pair = await login();
    await module.get(LogoutService).logout(await authenticator.authenticate(pair.accessToken));
    expect(await authenticates(pair)).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(logins.refresh(pair.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
  });

  it('ends when it was not refreshed in time, and after its longest life', async () => {
    const idle = await login();
    await database.run(`UPDATE refresh_tokens SET expires_at = now() WHERE used_at IS NULL`);
    expect(await code(logins.refresh(idle.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    const old = await login();
    await database.run(`UPDATE logins SET expires_at = now() WHERE revoked_at IS NULL`);
    expect(await code(logins.refresh(old.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
  });

  it.each(['', 'dwr_', 'x'.repeat(200), 'dwr_' + 'A'.repeat(43), '\0'])('is not refreshed by %j', async (token) => {
    expect(await code(logins.refresh(token))).toBe('AUTH_UNAUTHENTICATED');
  });

  it('ends on every node when its user is disabled on one of them', async () => {
    const elsewhere = await testModule([AuthModule], { database: module.database });
    try {
      const pair = await login();
      expect(await authenticates(pair)).toBe('done');
      await elsewhere.get(UsersService).disable(userId);
      await eventually(async () => expect(await authenticates(pair)).toBe('AUTH_UNAUTHENTICATED'));
      await elsewhere.get(UsersService).enable(userId);
      expect(await code(logins.refresh(pair.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    } finally {
      await elsewhere.close();
    }
  });

  it('is forgotten by every node that hears of its user through the change feed', async () => {
    const elsewhere = await testModule([AuthModule], { database: module.database });
    const forgotten = jest.spyOn(module.get(Standings), 'forgetUser');
    try {
      await elsewhere.get(UsersService).change(userId, { displayName: 'Renamed elsewhere' });
      await eventually(async () => expect(forgotten).toHaveBeenCalledWith(userId));
    } finally {
      forgotten.mockRestore();
      await elsewhere.close();
    }
  });
});
