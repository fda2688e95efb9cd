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

  it('a user lists the own logins, ends one and then all others, and keeps the one of the request', async () => {
    const own = '/v1/auth/logins';
    const [first, second, third] = [await signIn(), await signIn(), await signIn()];
    const items = async (token: string) => (await desk.request('GET', own, { token })).body.items;
    const shown = (await items(third)).slice(0, 3);
    expect(shown.map((login: any) => login.current)).toEqual([true, false, false]);
    expect((await desk.request('DELETE', `${own}/${shown[1].id}`, { token: third })).status).toBe(204);
    expect([await me(first), await me(second), await me(third)]).toEqual([200, 401, 200]);
    const again = await desk.request('DELETE', `${own}/${shown[1].id}`, { token: third });
    expect([again.status, again.body.code]).toEqual([404, 'AUTH_LOGIN_NOT_FOUND']);
    const ended = await desk.request('DELETE', own, { token: third });
    expect(ended.body.ended).toBeGreaterThanOrEqual(1);
    expect([await me(first), await me(third)]).toEqual([401, 200]);
    expect(await items(third)).toHaveLength(1);
    const { key } = await keyOf(third);
    for (const method of ['GET', 'DELETE'])
      expect((await desk.request(method, own, { token: key })).body.code).toBe('AUTH_SIGN_IN_REQUIRED');
    const stranger = await desk.login('trader');
    expect((await desk.request('DELETE', `${own}/${shown[0].id}`, { token: stranger.token })).status).toBe(404);
  });

  it('an admin resets the password of a user, who signs in with the one-time password and nothing older', async () => {
    const person = await desk.login('trader');
    const path = `/v1/users/${person.userId}/reset`;
    const { status, body, headers } = await desk.request('POST', path, { token: admin, body: {} });
    expect([status, body]).toMatchObject([200, { id: person.userId, oneTimePassword: expect.any(String) }]);
    expect(await me(person.token)).toBe(401);
    const login = async (password: string) =>
      (await desk.request('POST', '/v1/auth/login', { body: { email: person.email, password } })).status;
    expect([await login(person.password), await login(body.oneTimePassword)]).toEqual([401, 200]);
    const audit = async (query: string) =>
      (await desk.request('GET', `/v1/audit?${query}`, { token: admin })).body.items;
    const ofRequest = `correlationId=${headers.get('x-correlation-id')}`;
    expect((await audit(`${ofRequest}&sort=occurredAt`)).map(({ action }: any) => action)).toEqual([
      'login_ended',
      'password_reset',
    ]);
    expect(await audit(`${ofRequest}&action=password_reset&action=signed_in`)).toHaveLength(1);
    const given = await desk.request('POST', path, { token: admin, body: { password: 'chosen by the admin' } });
    expect(given.body).not.toHaveProperty('oneTimePassword');
    expect(await login('chosen by the admin')).toBe(200);
    const operator = await desk.login('operator');
    expect((await desk.request('POST', path, { token: operator.token, body: {} })).status).toBe(403);
  });

  it('users are found by a part of their e-mail, by role and state, and sorted by e-mail', async () => {
    const list = async (query: string) =>
      (await desk.request('GET', `/v1/users?${query}`, { token: admin })).body as { items: any[]; nextCursor: string };
    expect((await list(`query=${user.email.toUpperCase()}`)).items.map(({ id }) => id)).toEqual([user.userId]);
    const wanted = await list('role=admin&role=operator&disabled=false');
    expect(new Set(wanted.items.flatMap(({ roles }) => roles))).toEqual(new Set(['admin', 'operator']));
    expect((await list('disabled=true')).items).toEqual([]);
    const all = (await list('sort=-email')).items.map(({ email }) => email);
    expect(all.length).toBeGreaterThan(3);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(`sort=-email&limit=2${cursor && `&cursor=${cursor}`}`);
      paged.push(...page.items.map(({ email }) => email));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all);
    expect((await list('sort=email')).items.map(({ email }) => email)).toEqual([...all].reverse());
  });
});
