import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('logins and API keys of other users', () => {
  let desk: TestApp;
  let admin: string;
  let user: Awaited<ReturnType<TestApp['login']>>;
  beforeAll(async () => {
    desk = await startTestApp();
    admin = (await desk.login('admin')).token;
    user = await desk.login('trader');
  });
  afterAll(() => desk.close());

  const signIn = async () => {
    const { email, password } = user;
    return (await desk.request('POST', '/v1/auth/login', { body: { email, password } })).body.accessToken as string;
  };
  const me = async (token: string) => (await desk.request('GET', '/v1/auth/me', { token })).status;
  const keyOf = async (token: string, role = 'viewer') =>
    (await desk.request('POST', '/v1/auth/api-keys', { token, body: { name: 'robot', roles: [role] } })).body as {
      id: string;
      key: string;
    };
  const of = (path: string) => `/v1/users/${user.userId}/${path}`;

  it('an admin lists and ends one login or all, and the ended ones answer 401', async () => {
    const [first, second, third] = [user.token, await signIn(), await signIn()];
    const { body } = await desk.request('GET', of('logins'), { token: admin });
    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toMatchObject({ address: '127.0.0.1', userAgent: expect.any(String) });
    const newest = of(`logins/${body.items[0].id}`);
    expect((await desk.request('DELETE', newest, { token: admin })).status).toBe(204);
    expect([await me(first), await me(second), await me(third)]).toEqual([200, 200, 401]);
    const again = await desk.request('DELETE', newest, { token: admin });
    expect([again.status, again.body.code]).toEqual([404, 'AUTH_LOGIN_NOT_FOUND']);
    expect((await desk.request('DELETE', of('logins'), { token: admin })).status).toBe(204);
    expect([await me(first), await me(second)]).toEqual([401, 401]);
    expect((await desk.request('GET', of('logins'), { token: admin })).body.items).toEqual([]);
  });

  it('an admin lists and revokes one API key or all, without seeing a key', async () => {
    const token = await signIn();
    const [first, second] = [await keyOf(token), await keyOf(token)];
    const { body } = await desk.request('GET', of('api-keys'), { token: admin });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([first.id, second.id]);
    expect(JSON.stringify(body)).not.toContain(first.key);
    expect((await desk.request('DELETE', of(`api-keys/${first.id}`), { token: admin })).status).toBe(204);
    expect([await me(first.key), await me(second.key)]).toEqual([401, 200]);
    const again = await desk.request('DELETE', of(`api-keys/${first.id}`), { token: admin });
    expect([again.status, again.body.code]).toEqual([404, 'AUTH_API_KEY_NOT_FOUND']);
    expect((await desk.request('DELETE', of('api-keys'), { token: admin })).status).toBe(204);
    expect(await me(second.key)).toBe(401);
  });

  it('a login that an admin ends closes its socket with AUTH_REVOKED', async () => {
    const token = await signIn();
    const socket = desk.socket(token);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    const closing = new Promise<{ code: string }>((resolve) => socket.once('closing', resolve));
    const gone = new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
    expect((await desk.request('DELETE', of('logins'), { token: admin })).status).toBe(204);
    expect(await closing).toMatchObject({ code: 'AUTH_REVOKED' });
    await gone;
  });

  it('operators, and API keys of an admin, end nothing', async () => {
    const { token: operator } = await desk.login('operator');
    const { key } = await keyOf(admin, 'admin');
    const token = await signIn();
    for (const [path, by, code] of [
      ['logins', operator, 'AUTH_ROLE_REQUIRED'],
      ['api-keys', operator, 'AUTH_ROLE_REQUIRED'],
      ['logins', key, 'AUTH_SIGN_IN_REQUIRED'],
      ['api-keys', key, 'AUTH_SIGN_IN_REQUIRED'],
    ] as const) {
      const { status, body } = await desk.request('DELETE', of(path), { token: by });
      expect([path, status, body.code]).toEqual([path, 403, code]);
    }
    expect(await me(token)).toBe(200);
    const nobody = await desk.request('GET', '/v1/users/01890000-0000-7000-8000-000000000000/logins', { token: admin });
    expect([nobody.status, nobody.body.code]).toEqual([404, 'AUTH_USER_NOT_FOUND']);
  });
});
