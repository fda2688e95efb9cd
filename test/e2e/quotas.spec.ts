import { Database } from '#database';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp, type TestResponse } from '../setup/test-app.js';
import { snapshotOf } from './portfolio-quotas.fixture.js';

const MAX = 3;
const AT_ONCE = 50;
const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
const apiKey = (n: number) => ({ name: `key ${n}`, roles: ['viewer'], expiresInDays: 1 });
const rule = (n: number) => ({
  name: `r${n}`,
  severity: 'info',
  condition: { op: 'equals', field: 'type', value: 'SessionOpened' },
});
const feed = (n: number) => ({ name: `f${n}`, kind: 'rss', url: `http://127.0.0.1:9999/${n}`, enabled: false });
const quote = (n: number) => ({ broker: `broker${n}`, key: 'K', price: '1', asOf: new Date().toISOString() });
const rate = (n: number) => ({ base: `C${n}`, quote: 'USD', price: '1', asOf: new Date().toISOString() });
const split = (n: number) => ({ broker: 'zerodha', key: `K${n}`, factor: '2', exDate: '2026-11-23' });

describe('quotas', () => {
  let desk: TestApp;
  let operator: { token: string; userId: string };
  let instruments: string[];

  beforeAll(async () => {
    desk = await startTestApp({
      env: {
        ALERTS_MAX_RULES: String(MAX),
        AUTH_MAX_API_KEYS: String(MAX),
        AUTH_MAX_LOGINS: String(MAX),
        EGRESS_ALLOW_HTTP: 'true',
        EGRESS_ALLOW_PRIVATE: 'true',
        FEEDS_MAX_SOURCES: String(MAX),
        INSTRUMENTS_MAX_WATCHED: String(MAX),
        PORTFOLIOS_MAX_PER_TRADER: String(MAX),
        PORTFOLIOS_MAX_PER_OPERATOR: String(MAX + 2),
        PORTFOLIOS_MAX_QUOTES: String(MAX),
        PORTFOLIOS_MAX_RATES: String(MAX),
        PORTFOLIOS_MAX_ADJUSTMENTS: String(MAX),
        SESSIONS_MAX_PER_USER: String(MAX),
        WEBHOOKS_MAX_PER_USER: String(MAX),
      },
    });
    operator = await desk.login('operator');
    const imported = await desk.request('POST', '/v1/instruments/imports?broker=zerodha', {
      token: operator.token,
      body: kiteCsv(contracts(MAX + AT_ONCE)),
      headers: { 'content-type': 'text/csv' },
    });
    expect(imported.status).toBe(201);
    const { body } = await desk.request('GET', '/v1/instruments?limit=500', { token: operator.token });
    instruments = body.items.map(({ id }: { id: string }) => id);
  });
  afterAll(() => desk.close());

  type Add = (token: string, n: number) => Promise<TestResponse>;
  const posts =
    (path: string, body: (n: number) => object): Add =>
    (token, n) =>
      desk.request('POST', path, { token, body: body(n) });
  const kinds: [quota: string, code: string, role: 'trader' | 'operator', add: Add][] = [
    [
      'portfolios',
      'PORTFOLIOS_TOO_MANY',
      'trader',
      (token, n) => desk.request('PUT', `/v1/portfolios/q${n}/snapshot`, { token, body: snapshotOf(`q${n}`) }),
    ],
    [
      'watched_instruments',
      'INSTRUMENTS_TOO_MANY_FOLLOWED',
      'trader',
      (token, n) => desk.request('PUT', `/v1/watchlist/${instruments[n]}`, { token }),
    ],
    [
      'broker_sessions',
      'SESSIONS_TOO_MANY',
      'trader',
      (token, n) =>
        desk.request('PUT', '/v1/sessions', {
          token,
          body: {
            broker: 'zerodha',
            account: `S${n}`,
            accessToken: `token-${n}-0123456789`,
            loginMethod: 'manual',
            expiresAt,
          },
        }),
    ],
    ['api_keys', 'AUTH_TOO_MANY_API_KEYS', 'trader', posts('/v1/auth/api-keys', apiKey)],
    ['webhooks', 'WEBHOOKS_TOO_MANY', 'trader', posts('/v1/webhooks', (n) => ({ url: `http://127.0.0.1:9999/${n}` }))],
    ['alert_rules', 'ALERTS_TOO_MANY_RULES', 'trader', posts('/v1/alert-rules', rule)],
    ['feeds', 'FEEDS_TOO_MANY', 'operator', posts('/v1/feeds', feed)],
    ['quotes', 'PORTFOLIOS_TOO_MANY_QUOTES', 'operator', posts('/v1/quotes', (n) => ({ quotes: [quote(n)] }))],
    ['rates', 'PORTFOLIOS_TOO_MANY_RATES', 'operator', posts('/v1/rates', (n) => ({ rates: [rate(n)] }))],
    ['adjustments', 'PORTFOLIOS_TOO_MANY_ADJUSTMENTS', 'operator', posts('/v1/adjustments', split)],
  ];

  it.each(kinds)(
    'a quota of %s accepts exactly one of 50 concurrent adds when there is room for one',
    async (quota, code, role, add) => {
      const { token } = await desk.login(role);
      for (let n = 0; n < MAX - 1; n++) expect((await add(token, n)).status).toBeLessThan(300);
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => add(token, MAX + n)));
      const refused = answers.filter(({ status }) => status === 409);
      expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
      expect(refused).toHaveLength(AT_ONCE - 1);
      expect([...new Set(refused.map(({ body }) => body.code))]).toEqual([code]);
      expect(refused[0]!.body.detail).toMatch(/\b[34]\b/);
      const { body } = await desk.request<string>('GET', '/metrics');
      expect(body).toContain(`quotas_refusals_total{quota="${quota}"} ${AT_ONCE - 1}`);
    },
  );

  it('an ended broker session frees quota for a new one', async () => {
    const { token, userId } = await desk.login('trader');
    const save = (account: string) =>
      desk.request('PUT', '/v1/sessions', {
        token,
        body: {
          broker: 'zerodha',
          account,
          accessToken: `token-${account}-0123456789`,
          loginMethod: 'manual',
          expiresAt,
        },
      });
    const ids: string[] = [];
    for (const account of ['A', 'B', 'C']) ids.push((await save(account)).body.id);
    expect((await save('D')).body.code).toBe('SESSIONS_TOO_MANY');
    expect((await save('A')).body.outcome).toBe('unchanged');
    expect((await desk.request('DELETE', `/v1/sessions/${ids[1]}`, { token })).status).toBe(204);
    expect((await save('D')).body.outcome).toBe('opened');
    const rows = await desk
      .get(Database)
      .rows('SELECT account FROM trading_sessions WHERE user_id = $1 ORDER BY 1', [userId]);
    expect(rows).toEqual([{ account: 'A' }, { account: 'C' }, { account: 'D' }]);
  });

  it('a sign-in beyond the quota of logins ends the least recently used login', async () => {
    const { email, password, token, userId } = await desk.login('trader');
    const signIn = async () =>
      (await desk.request('POST', '/v1/auth/login', { body: { email, password } })).body.accessToken as string;
    const tokens = [token];
    for (let n = 0; n < MAX; n++) tokens.push(await signIn());
    const status = async (one: string) => (await desk.request('GET', '/v1/auth/me', { token: one })).status;
    await eventually(async () => expect(await status(tokens[0]!)).toBe(401));
    for (const one of tokens.slice(1)) expect(await status(one)).toBe(200);
    await Promise.all(Array.from({ length: 5 }, signIn));
    const alive = await desk
      .get(Database)
      .rows('SELECT count(*)::integer AS count FROM logins WHERE user_id = $1 AND revoked_at IS NULL', [userId]);
    expect(alive).toEqual([{ count: MAX }]);
  });
});
