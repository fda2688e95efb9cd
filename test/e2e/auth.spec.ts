import { Database } from '#database';
import { startTestApp } from '../setup/test-app.js';

type App = Awaited<ReturnType<typeof startTestApp>>;

const UUID = /^[0-9a-f-]{36}$/;

interface Pair {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
  tokenType: string;
}

describe('auth over HTTP', () => {
  let app: App;
  let admin: string;
  const email = 'wire@example.com';
  const password = 'a password of length';
  const signIn = async (): Promise<Pair> => {
    const { status, body } = await app.request('POST', '/v1/auth/login', { body: { email, password } });
    expect(status).toBe(200);
    return body as Pair;
  };

  beforeAll(async () => {
    app = await startTestApp({ env: { AUTH_REFRESH_GRACE: '1m' } });
    admin = (await app.login('admin')).token;
    const { status } = await app.request('POST', '/v1/users', {
      token: admin,
      body: { email, password, roles: ['trader'] },
    });
    expect(status).toBe(201);
  });
  afterAll(() => app.close());

  it('a user signs in, reads the own profile, refreshes and signs out', async () => {
    const pair = await signIn();
    expect(Object.keys(pair).sort()).toEqual(['accessToken', 'expiresIn', 'refreshToken', 'tokenType']);
    const me = await app.request('GET', '/v1/auth/me', { token: pair.accessToken });
    expect(me.body).toEqual({
      userId: expect.stringMatching(UUID),
      email,
      displayName: 'wire',
      roles: ['trader'],
      loginId: expect.stringMatching(UUID),
      expiresAt: expect.stringMatching(/Z$/),
    });
    const next = await app.request('POST', '/v1/auth/refresh', { body: { refreshToken: pair.refreshToken } });
    expect(next.status).toBe(200);
    const token = (next.body as Pair).accessToken;
    expect((await app.request('POST', '/v1/auth/logout', { token })).status).toBe(204);
    expect((await app.request('GET', '/v1/auth/me', { token })).status).toBe(401);
    expect((await app.request('GET', '/v1/auth/me', { token: pair.accessToken })).status).toBe(401);
  });

  it('a refresh repeated within the grace returns the same token, and a later reuse gets a code of its own', async () => {
    const { refreshToken } = await signIn();
    const refresh = (token: string) => app.request('POST', '/v1/auth/refresh', { body: { refreshToken: token } });
    const lost = await refresh(refreshToken);
    const again = await refresh(refreshToken);
    expect(again.status).toBe(200);
    expect((again.body as Pair).refreshToken).toBe((lost.body as Pair).refreshToken);
    await app.get(Database).run(`UPDATE refresh_tokens SET used_at = used_at - interval '1 minute'`);
    for (const token of [refreshToken, (lost.body as Pair).refreshToken]) {
      const refused = await refresh(token);
      expect(refused.status).toBe(401);
      expect(refused.body).toMatchObject({ code: 'AUTH_REFRESH_REUSED', status: 401 });
    }
  });

  it('wrong credentials get a 401 that does not say what was wrong', async () => {
    const wrong = await app.request('POST', '/v1/auth/login', { body: { email, password: 'not the password' } });
    const nobody = await app.request('POST', '/v1/auth/login', { body: { email: 'nobody@example.com', password } });
    for (const { status, body } of [wrong, nobody]) {
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'AUTH_CREDENTIALS_REFUSED', status: 401 });
    }
  });

  it.each([
    ['email', { password: 'x' }],
    ['email', { email: 'not an address', password: 'x' }],
    ['email', { email: 7, password: 'x' }],
    ['email', { email: 'a\0@b.c', password: 'x' }],
    ['email', { email: `${'a'.repeat(300)}@b.c`, password: 'x' }],
    ['password', { email: 'a@b.c' }],
    ['password', { email: 'a@b.c', password: '' }],
    ['password', { email: 'a@b.c', password: ['x'] }],
    ['password', { email: 'a@b.c', password: 'x'.repeat(257) }],
    ['password', { email: 'a@b.c', password: 'half \ud800 a pair' }],
    ['role', { email: 'a@b.c', password: 'x', role: 'admin' }],
  ])('a 400 names the field %s of the sign-in %j without repeating a password', async (field, body) => {
    const answer = await app.request('POST', '/v1/auth/login', { body });
    expect(answer.status).toBe(400);
    const { code, errors } = answer.body as { code: string; errors: { field: string; seen?: string }[] };
    expect(code).toBe('REQUEST_INVALID');
    expect(errors.map((error) => error.field)).toContain(field);
    for (const error of errors) if (error.field === 'password') expect(error.seen).toBeUndefined();
  });

  it('changing a password ends every login of the user', async () => {
    const { token } = { token: (await signIn()).accessToken };
    const change = (currentPassword: string, newPassword: string) =>
      app.request('POST', '/v1/auth/password', { token, body: { currentPassword, newPassword } });
    const wrong = await change('not the password', 'another password');
    expect([wrong.status, wrong.body.code]).toEqual([422, 'AUTH_CURRENT_PASSWORD_WRONG']);
    expect(JSON.stringify(wrong.body)).not.toContain('not the password');
    expect((await change(password, 'short')).status).toBe(400);
    expect((await app.request('GET', '/v1/auth/me', { token })).status).toBe(200);
    expect((await change(password, 'another password')).status).toBe(204);
    expect((await app.request('GET', '/v1/auth/me', { token })).status).toBe(401);
    const again = await app.request('POST', '/v1/auth/login', { body: { email, password: 'another password' } });
    const back = { currentPassword: 'another password', newPassword: password };
    expect(
      (await app.request('POST', '/v1/auth/password', { token: (again.body as Pair).accessToken, body: back })).status,
    ).toBe(204);
  });

  it('an API key is shown once, listed without its secret, and revoked', async () => {
    const token = (await signIn()).accessToken;
    const made = await app.request('POST', '/v1/auth/api-keys', { token, body: { name: 'feeder', roles: ['viewer'] } });
    expect(made.status).toBe(201);
    const { id, key } = made.body as { id: string; key: string };
    expect(key).toMatch(/^dwk_/);
    expect((await app.request('GET', '/v1/auth/me', { token: key })).body).toMatchObject({ email, roles: ['viewer'] });
    const listed = await app.request('GET', '/v1/auth/api-keys', { token });
    expect(listed.body).toMatchObject({ items: [{ id, name: 'feeder', roles: ['viewer'] }] });
    expect(JSON.stringify(listed.body)).not.toContain(key);
    expect(
      (await app.request('POST', '/v1/auth/api-keys', { token: key, body: { name: 'n', roles: ['viewer'] } })).status,
    ).toBe(403);
    expect((await app.request('DELETE', `/v1/auth/api-keys/${id}`, { token })).status).toBe(204);
    expect((await app.request('DELETE', `/v1/auth/api-keys/${id}`, { token })).status).toBe(404);
    expect((await app.request('GET', '/v1/auth/me', { token: key })).status).toBe(401);
  });

  it.each([
    ['name', { roles: ['viewer'] }],
    ['roles', { name: 'n', roles: [] }],
    ['roles[0]', { name: 'n', roles: ['root'] }],
    ['expiresInDays', { name: 'n', roles: ['viewer'], expiresInDays: 0 }],
    ['expiresInDays', { name: 'n', roles: ['viewer'], expiresInDays: 1.5 }],
  ])('a 400 names the field %s of the API key %j', async (field, body) => {
    const answer = await app.request('POST', '/v1/auth/api-keys', { token: (await app.login('trader')).token, body });
    expect(answer.status).toBe(400);
    expect((answer.body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field);
  });

  it('only admins manage users', async () => {
    const { token: operator } = await app.login('operator');
    for (const [method, path] of [
      ['GET', '/v1/users'],
      ['POST', '/v1/users'],
      ['PATCH', '/v1/users/01890000-0000-7000-8000-000000000000'],
    ] as const) {
      const answer = await app.request(method, path, { token: operator, ...(method === 'GET' ? {} : { body: {} }) });
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject({ code: 'AUTH_ROLE_REQUIRED' });
    }
    const made = await app.request('POST', '/v1/users', {
      token: admin,
      body: { email: 'new@example.com', roles: ['viewer'] },
    });
    const { id, oneTimePassword } = made.body as { id: string; oneTimePassword: string };
    expect(
      (await app.request('POST', '/v1/auth/login', { body: { email: 'new@example.com', password: oneTimePassword } }))
        .status,
    ).toBe(200);
    const changed = await app.request('PATCH', `/v1/users/${id}`, {
      token: admin,
      body: { disabled: true, roles: ['trader'] },
    });
    expect(changed.body).toMatchObject({ id, roles: ['trader'], disabledAt: expect.stringMatching(/Z$/) });
    expect(JSON.stringify((await app.request('GET', '/v1/users', { token: admin })).body)).not.toContain('argon2');
    expect((await app.request('GET', '/v1/users?limit=0', { token: admin })).status).toBe(400);
  });

  it('refused tokens and successful sign-ins are counted', async () => {
    await app.request('GET', '/v1/auth/me', { token: 'rubbish' });
    const { body } = await app.request('GET', '/metrics');
    expect(String(body)).toMatch(/auth_failures_total\{[^}]*reason="malformed"[^}]*\} [1-9]/);
    expect(String(body)).toMatch(/auth_logins_total\{[^}]*outcome="success"[^}]*\} [1-9]/);
  });
});
