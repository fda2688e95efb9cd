import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '#database';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const naughtyFile =
  process.env['DESKWIRE_DATA_DIR'] && join(process.env['DESKWIRE_DATA_DIR'], 'naughty-strings', 'blns.json');
const naughty =
  naughtyFile && existsSync(naughtyFile) ? (JSON.parse(readFileSync(naughtyFile, 'utf8')) as string[]) : undefined;
const withData = naughty ? it : it.skip;

const TOKEN = 'e2e-access-token-never-shown';
const GIVEN = {
  broker: 'zerodha',
  account: 'AB1234',
  accessToken: TOKEN,
  loginMethod: 'totp',
  expiresAt: '2031-01-01T05:30:00+05:30',
  details: { clientCode: 'AB1234' },
};

describe('broker sessions over HTTP', () => {
  let app: TestApp;
  let trader: { token: string; userId: string };
  let other: typeof trader;
  let operator: typeof trader;
  let viewer: typeof trader;
  const put = (body: unknown, as = trader) => app.request('PUT', '/v1/sessions', { token: as.token, body });
  const list = async (as: typeof trader, query = '') =>
    (await app.request('GET', `/v1/sessions${query}`, { token: as.token })).body;

  beforeAll(async () => {
    // Each naughty string is an account of one user.
    app = await startTestApp({ env: { SESSIONS_MAX_PER_USER: '1000' } });
    [trader, other, operator, viewer] = [
      await app.login('trader'),
      await app.login('trader'),
      await app.login('operator'),
      await app.login('viewer'),
    ];
  });
  afterAll(() => app.close());

  it('a session is saved over HTTP, and its token is never returned', async () => {
    const answer = await put(GIVEN);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{
          userId: trader.userId,
          broker: 'zerodha',
          account: 'AB1234',
          loginMethod: 'totp',
          state: 'active',
          isActive: true,
        },
        ...{
          tokenEpoch: 1,
          expiresAt: '2031-01-01T00:00:00.000Z',
          details: { clientCode: 'AB1234' },
          outcome: 'opened',
        },
      },
    });
    expect((await put(GIVEN)).body).toEqual({ ...answer.body, outcome: 'unchanged' });
    expect((await put({ ...GIVEN, accessToken: 'another-token' })).body).toMatchObject({
      outcome: 'token_changed',
      tokenEpoch: 2,
    });
    const { body: one } = await app.request('GET', `/v1/sessions/${answer.body.id}`, { token: trader.token });
    expect(JSON.stringify([answer.body, one, await list(trader), await list(operator)])).not.toMatch(
      /another-token|never-shown|sealed|fingerprint|v1:/i,
    );
  });

  it('100 requests at once to save one session are all answered and leave one row', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => put({ ...GIVEN, account: 'MANY', accessToken: `many-${n}` })),
    );
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200));
    const items = (await list(trader)).items.filter((item: { account: string }) => item.account === 'MANY');
    expect(items).toMatchObject([{ tokenEpoch: 100 }]);
  });

  it('a session is visible to its owner and to operators, and not found for others', async () => {
    const { id } = (await put({ ...GIVEN, account: 'MINE' })).body;
    for (const method of ['GET', 'DELETE']) {
      expect(await app.request(method, `/v1/sessions/${id}`, { token: other.token })).toMatchObject({
        status: 404,
        body: { code: 'SESSIONS_NOT_FOUND' },
      });
    }
    expect((await list(other)).items).toEqual([]);
    expect(await app.request('GET', `/v1/sessions?userId=${trader.userId}`, { token: other.token })).toMatchObject({
      status: 403,
      body: { code: 'SESSIONS_NOT_YOURS' },
    });
    expect((await list(operator, `?userId=${trader.userId}`)).items.map((item: { id: string }) => item.id)).toContain(
      id,
    );
    expect((await app.request('GET', `/v1/sessions/${id}`, { token: operator.token })).status).toBe(200);
    expect((await put(GIVEN, viewer)).status).toBe(403);
    expect((await app.request('GET', '/v1/sessions')).status).toBe(401);
  });

  it('closing a session twice answers 204 twice, erases the token and records one event', async () => {
    const { id } = (await put({ ...GIVEN, account: 'CLOSED' })).body;
    for (let n = 0; n < 2; n++)
      expect((await app.request('DELETE', `/v1/sessions/${id}`, { token: trader.token })).status).toBe(204);
    expect((await app.request('GET', `/v1/sessions/${id}`, { token: trader.token })).body).toMatchObject({
      state: 'closed',
      isActive: false,
    });
    const { body } = await app.request('GET', '/v1/events?type=SessionClosed', { token: trader.token });
    expect(
      body.items.filter((event: { payload: { sessionId: string } }) => event.payload.sessionId === id),
    ).toHaveLength(1);
  });

  it('sessions are listed in pages without a gap or a repeated item', async () => {
    for (let n = 0; n < 7; n++) await put({ ...GIVEN, account: `P${n}` }, other);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: { account: string }[]; nextCursor: string | null } = await list(
        other,
        `?limit=3${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...page.items.map((item) => item.account));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['P0', 'P1', 'P2', 'P3', 'P4', 'P5', 'P6']);
  });

  it.each(['broker', 'account', 'accessToken', 'loginMethod', 'expiresAt', 'details'])(
    'a session with a wrong %s is answered with a 400 that names the field',
    async (field) => {
      for (const wrong of [null, 7, '\0', 'x'.repeat(20_000), { deep: '\0' }]) {
        const answer = await put({ ...GIVEN, [field]: wrong });
        expect(answer).toMatchObject({
          status: 400,
          body: { code: 'REQUEST_INVALID', correlationId: expect.any(String) },
        });
        expect(answer.body.errors.some((error: { field: string }) => error.field.startsWith(field))).toBe(true);
        expect(JSON.stringify(answer.body)).not.toContain(TOKEN);
      }
    },
  );

  it('an unknown field in body, query or path of a session request is answered with 400', async () => {
    expect(await put({ ...GIVEN, userId: other.userId })).toMatchObject({ status: 400 });
    for (const path of [
      '/v1/sessions?nope=1',
      '/v1/sessions?limit=0',
      '/v1/sessions?limit=501',
      '/v1/sessions?cursor=x',
      '/v1/sessions?userId=x',
      '/v1/sessions/x',
    ]) {
      expect(await app.request('GET', path, { token: operator.token })).toMatchObject({
        status: 400,
        body: { code: 'REQUEST_INVALID' },
      });
    }
  });

  withData(
    `sessions hold each of the naughty strings unchanged or refuse it by name${naughty ? '' : ' (needs DESKWIRE_DATA_DIR)'}`,
    async () => {
      for (const text of naughty!) {
        const answer = await put({
          ...GIVEN,
          account: text,
          accessToken: `t${text}`,
          details: { [`k${text}`]: text, list: [text] },
        });
        if (answer.status === 200) {
          expect(answer.body).toMatchObject({ account: text, details: { [`k${text}`]: text, list: [text] } });
        } else {
          expect(answer.status).toBe(400);
          expect(answer.body.errors.map((error: { field: string }) => error.field.split(/[.[]/)[0])).toEqual(
            expect.arrayContaining([expect.stringMatching(/account|accessToken|details/)]),
          );
        }
      }
    },
  );

  it('no table holds a token, password or key after sessions were saved', async () => {
    const database = app.get(Database);
    let dump = '';
    for (const { name } of await database.rows<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    )) {
      dump += JSON.stringify(await database.rows(`SELECT to_jsonb(t)::text AS row FROM ${name} t`));
    }
    expect(dump).toContain('AB1234');
    const { token, password, refreshToken } = trader as unknown as Record<string, string>;
    for (const secret of [TOKEN, 'another-token', 'many-7', token, password, refreshToken]) {
      expect(dump.includes(secret!)).toBe(false);
      expect(dump.includes(Buffer.from(secret!).toString('hex'))).toBe(false);
    }
  });
});
