import { Authenticator, AuthModule, UsersService } from '#auth';
import { Database } from '#database';
import { DomainError } from '#errors';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import { RefreshService } from '../../../libs/auth/logins/refresh.service.js';
import type { TokenPair } from '../../../libs/auth/tokens/access-tokens.js';
import { type TestModule, testModule } from '../../setup/test-module.js';

const PASSWORD = 'correct horse battery';
const ENV = { AUTH_REFRESH_GRACE: '1m' };
const ORIGIN = { ip: '127.0.0.1', userAgent: undefined };
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) =>
      error instanceof DomainError ? error.code : ((error as { code?: string }).code ?? String(error)),
  );

describe('a login on a desk that is read-only', () => {
  let desk: TestModule;
  let readOnly: TestModule;
  let userId: string;
  const login = (module = desk): Promise<TokenPair> =>
    module.get(LoginService).login('trader@example.com', PASSWORD, ORIGIN);
  const refresh = ({ refreshToken }: TokenPair, module = readOnly): Promise<TokenPair> =>
    module.get(RefreshService).refresh(refreshToken);
  const authenticate = ({ accessToken }: TokenPair, module = readOnly) =>
    module.get(Authenticator).authenticate(accessToken);
  const sql = (text: string) => desk.get(Database).run(text);

  beforeAll(async () => {
    desk = await testModule([AuthModule], { env: ENV });
    userId = (await desk.get(UsersService).add({ email: 'trader@example.com', roles: ['trader'], password: PASSWORD }))
      .user.id;
    readOnly = await testModule([AuthModule], { database: desk.database, env: { ...ENV, DB_READONLY: 'true' } });
  });
  afterAll(async () => {
    await readOnly.close();
    await desk.close();
  });

  it('a read-only desk returns an unused refresh token unchanged, any number of times, and writes nothing', async () => {
    const pair = await login();
    const { loginId } = await authenticate(pair);
    const rows = () => desk.get(Database).rows('SELECT xmin::text, t.* FROM refresh_tokens t ORDER BY id');
    const before = await rows();
    for (let n = 0; n < 3; n++) {
      const next = await refresh(pair);
      expect(next).toMatchObject({ refreshToken: pair.refreshToken, expiresIn: pair.expiresIn, tokenType: 'Bearer' });
      expect(await authenticate(next)).toMatchObject({ userId, loginId });
    }
    expect(await rows()).toEqual(before);
  });

  it('a read-only desk refuses to sign anybody in', async () => {
    expect(await code(login(readOnly))).toBe('25006'); // DATABASE_READ_ONLY over HTTP
  });

  it('a read-only desk returns the successor that was lost before it became read-only, and writes nothing', async () => {
    const pair = await login();
    const lost = await refresh(pair, desk);
    const rows = () => desk.get(Database).rows('SELECT xmin::text, t.* FROM refresh_tokens t ORDER BY id');
    const before = await rows();
    const again = await refresh(pair);
    expect(again.refreshToken).toBe(lost.refreshToken);
    expect(await authenticate(again)).toMatchObject({ userId });
    expect((await refresh(again)).refreshToken).toBe(again.refreshToken);
    expect(await rows()).toEqual(before);
  });

  it('a read-only desk refuses a reused token without revoking its login, which a desk that may write then revokes', async () => {
    const stolen = await login();
    const next = await refresh(stolen, desk);
    await sql(`UPDATE refresh_tokens SET used_at = used_at - interval '1 minute' WHERE used_at IS NOT NULL`);
    expect(await code(refresh(stolen))).toBe('AUTH_REFRESH_REUSED');
    expect(await code(refresh(next))).toBe('done');
    expect(await code(refresh(stolen, desk))).toBe('AUTH_REFRESH_REUSED');
    expect(await code(refresh(next))).toBe('AUTH_REFRESH_REUSED');
  });

  it('after the read-only time tokens rotate again, so the second of two holders of one token is detected', async () => {
    const pair = await login();
    await refresh(pair); // the owner
    await refresh(pair); // somebody with a copy
    const next = await refresh(pair, desk);
    expect(next.refreshToken).not.toBe(pair.refreshToken);
    await sql(`UPDATE refresh_tokens SET used_at = used_at - interval '1 minute' WHERE used_at IS NOT NULL`);
    expect(await code(refresh(pair, desk))).toBe('AUTH_REFRESH_REUSED');
    expect(await code(refresh(next, desk))).toBe('AUTH_REFRESH_REUSED');
  });

  it.each([
    ['its refresh token expired', `UPDATE refresh_tokens SET expires_at = now() WHERE used_at IS NULL`],
    ['it reached its maximum lifetime', `UPDATE logins SET expires_at = now()`],
    ['it was revoked', `UPDATE logins SET revoked_at = now(), revoke_reason = 'logout' WHERE revoked_at IS NULL`],
    ['its user was disabled', `UPDATE users SET disabled_at = now()`],
  ])('a read-only desk refuses to refresh a login when %s', async (_why, statement) => {
    const pair = await login();
    await sql(statement);
    try {
      expect(await code(refresh(pair))).toBe('AUTH_UNAUTHENTICATED');
    } finally {
      await sql('UPDATE users SET disabled_at = NULL');
    }
  });

  it.each(['', 'dwr_', 'dwr_' + 'A'.repeat(43)])(
    'a read-only desk refuses %j as a refresh token',
    async (refreshToken) => {
      expect(await code(readOnly.get(RefreshService).refresh(refreshToken))).toBe('AUTH_UNAUTHENTICATED');
    },
  );
});
