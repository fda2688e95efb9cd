import { Authenticator, AuthModule, UsersService } from '#auth';
import { Caches } from '#caching';
import { Database } from '#database';
import { DomainError } from '#errors';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import { LogoutService } from '../../../libs/auth/logins/logout.service.js';
import { RefreshService } from '../../../libs/auth/logins/refresh.service.js';
import type { TokenPair } from '../../../libs/auth/tokens/access-tokens.js';
import { eventually } from '../../setup/eventually.js';
import { testModule } from '../../setup/test-module.js';

const PASSWORD = 'correct horse battery';
const ORIGIN = { ip: '127.0.0.1', userAgent: undefined };
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe('the end of a login', () => {
  let module: Awaited<ReturnType<typeof testModule>>;
  let logins: RefreshService;
  let authenticator: Authenticator;
  let database: Database;
  let userId: string;
  const login = (): Promise<TokenPair> => module.get(LoginService).login('trader@example.com', PASSWORD, ORIGIN);
  const authenticates = (pair: TokenPair): Promise<string> => code(authenticator.authenticate(pair.accessToken));

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

  it('logout ends a login and refuses its tokens at once', async () => {
    const pair = await login();
    await module.get(LogoutService).logout(await authenticator.authenticate(pair.accessToken));
    expect(await authenticates(pair)).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(logins.refresh(pair.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
  });

  it('a login ends when it is not refreshed in time, and after its maximum lifetime', async () => {
    const idle = await login();
    await database.run(`UPDATE refresh_tokens SET expires_at = now() WHERE used_at IS NULL`);
    expect(await code(logins.refresh(idle.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    const late = await login();
    await logins.refresh(late.refreshToken);
    await database.run(`UPDATE refresh_tokens SET expires_at = now() WHERE used_at IS NULL`);
    expect(await code(logins.refresh(late.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    const old = await login();
    await database.run(`UPDATE logins SET expires_at = now() WHERE revoked_at IS NULL`);
    expect(await code(logins.refresh(old.refreshToken))).toBe('AUTH_UNAUTHENTICATED');
  });

  it('a login ends in every process when its user is disabled in one of them', async () => {
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

  it('every process drops the status of a login when the change feed reports its user', async () => {
    const elsewhere = await testModule([AuthModule], { database: module.database });
    const entries = () =>
      module
        .get(Caches)
        .reports()
        .find(({ name }) => name === 'credential_status')!.entries;
    try {
      await authenticates(await login());
      expect(entries()).toBeGreaterThan(0);
      await elsewhere.get(UsersService).change(userId, { displayName: 'Renamed elsewhere' });
      await eventually(() => expect(entries()).toBe(0)); // Not because of the TTL: entries are kept for an outage.
    } finally {
      await elsewhere.close();
    }
  });
});
