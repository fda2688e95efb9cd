import { createHmac, randomUUID } from 'node:crypto';
import { UsersService } from '#auth';
import { startTestApp } from '../setup/test-app.js';

type App = Awaited<ReturnType<typeof startTestApp>>;

const SECRET = 'the secret of this test, of more than thirty-two bytes';
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (token: string, n: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[n]!, 'base64url').toString()) as Record<string, unknown>;

/** A good token with other claims or another header, signed with `secret`. */
function forge(
  good: string,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
  secret = SECRET,
): string {
  const body = `${encode({ ...decode(good, 0), ...header })}.${encode({ ...decode(good, 1), ...claims })}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

describe('bad tokens', () => {
  let app: App;
  let good: string;
  let refreshToken: string;
  let disabled: string;
  const now = () => Math.floor(Date.now() / 1000);

  beforeAll(async () => {
    app = await startTestApp({ env: { JWT_SECRET_KEY: SECRET } });
    const users = app.get(UsersService);
    const signIn = async (email: string): Promise<{ accessToken: string; refreshToken: string }> => {
      await users.add({ email, roles: ['trader'], password: 'a password of length' });
      const { body } = await app.request('POST', '/v1/auth/login', {
        body: { email, password: 'a password of length' },
      });
      return body as { accessToken: string; refreshToken: string };
    };
    ({ accessToken: good, refreshToken } = await signIn('good@example.com'));
    ({ accessToken: disabled } = await signIn('disabled@example.com'));
    await users.disable('disabled@example.com');
  });
  afterAll(() => app.close());

  const bad: [string, () => string][] = [
    ['alg none, unsigned', () => `${encode({ alg: 'none', typ: 'JWT' })}.${good.split('.')[1]!}.`],
    ['alg none with a signature', () => forge(good, {}, { alg: 'none' })],
    ['alg nOnE', () => forge(good, {}, { alg: 'nOnE' })],
    ['RS256 claimed for the shared secret', () => forge(good, {}, { alg: 'RS256' })],
    ['HS512 claimed for the shared secret', () => forge(good, {}, { alg: 'HS512' })],
    ['an embedded key', () => forge(good, {}, { jwk: { kty: 'oct', k: 'eHh4' } }, 'xxx')],
    ['an unknown kid', () => forge(good, {}, { kid: '../../dev/null' }, '')],
    ['another secret', () => forge(good, {}, {}, 'another secret of thirty-two bytes')],
    ['a foreign issuer', () => forge(good, { iss: 'https://evil.example' })],
    ['a foreign audience', () => forge(good, { aud: 'somebody else' })],
    ['no audience', () => forge(good, { aud: undefined })],
    ['an expired token', () => forge(good, { exp: now() - 31 })],
    ['a token that is not valid yet', () => forge(good, { nbf: now() + 60 })],
    ['no expiry', () => forge(good, { exp: undefined })],
    ['a refresh use', () => forge(good, { token_use: 'refresh' })],
    ['a refresh token', () => refreshToken],
    ['a disabled user', () => disabled],
    ['an unknown login', () => forge(good, { sid: randomUUID() })],
    ["another user's login", () => forge(good, { sub: randomUUID() })],
    ['SQL for a subject', () => forge(good, { sub: "' OR 1=1 --" })],
    ['100 KB', () => `${good}${'A'.repeat(100_000)}`],
    ['100 KB of claims, correctly signed', () => forge(good, { pad: 'x'.repeat(75_000) })],
    ['no dots', () => 'rubbish'],
    ['padding', () => `${good}=`],
    ['an unknown machine key', () => `dwk_${'0'.repeat(12)}_${'0'.repeat(72)}`],
    ['a truncated signature', () => good.slice(0, -4)],
  ];

  it('HTTP accepts a good token, also one signed again or expired for less than the leeway', async () => {
    expect((await app.request('GET', '/v1/auth/me', { token: good })).status).toBe(200);
    expect((await app.request('GET', '/v1/auth/me', { token: forge(good, {}) })).status).toBe(200);
    expect((await app.request('GET', '/v1/auth/me', { token: forge(good, { exp: now() - 5 }) })).status).toBe(200);
  });

  it.each(bad)('HTTP refuses %s with the same 401', async (_, token) => {
    const { status, headers, body } = await app.request('GET', '/v1/auth/me', { token: token() });
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    const { correlationId, ...rest } = body as Record<string, unknown>;
    expect(correlationId).toEqual(expect.any(String));
    const { correlationId: _other, ...plain } = (await app.request('GET', '/v1/auth/me')).body as Record<
      string,
      unknown
    >;
    expect(rest).toEqual(plain);
    expect(rest).toMatchObject({ code: 'AUTH_UNAUTHENTICATED', status: 401 });
  });

  it.each(bad)('the socket refuses %s with the same code', async (_, token) => {
    const socket = app.socket(token(), { reconnection: false });
    try {
      const error = await new Promise<Error & { data?: { code?: string; status?: number } }>((resolve, reject) => {
        socket.on('connect', () => reject(new Error('connected')));
        socket.on('connect_error', resolve);
      });
      expect(error.data).toMatchObject({ code: 'AUTH_UNAUTHENTICATED', status: 401 });
    } finally {
      socket.disconnect();
    }
  });
});

describe('every route needs a token by default', () => {
  let app: App;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('every operation needs a token except sign-in, refresh, regions, health, metrics and documentation', async () => {
    const { body } = await app.request('GET', '/openapi.json');
    const open: string[] = [];
    for (const [path, methods] of Object.entries((body as { paths: Record<string, Record<string, unknown>> }).paths)) {
      for (const method of Object.keys(methods)) {
        const url = path.replaceAll(/\{[^}]+\}/g, randomUUID());
        const { status } = await app.request(
          method.toUpperCase(),
          url,
          method === 'get' || method === 'delete' ? {} : { body: {} },
        );
        if (status !== 401) open.push(`${method} ${path}`);
      }
    }
    expect(open.filter((route) => route.includes('/v1/')).sort()).toEqual([
      'get /v1/regions',
      'post /v1/auth/login',
      'post /v1/auth/refresh',
    ]);
  });
});
