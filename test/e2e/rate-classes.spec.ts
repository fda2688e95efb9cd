import { throttlingConfig } from '#throttling/config';
import { RequestTurns } from '#throttling';
import { startTestApp, type TestApp } from '../setup/test-app.js';

/** A request field that is a secret somebody could guess, or that costs a password hash. */
const GUESSED = ['password', 'currentPassword', 'refreshToken', 'oneTimePassword'];

/** Operations with such a field that need no `login` limit, with the reason. */
const EXEMPT: Record<string, string> = {
  'post /v1/users': 'sets the password of a new user, for admins; nothing is compared with it',
  'post /v1/users/{id}/reset': 'sets the password of a user, for admins; nothing is compared with it',
};

/** Reads whose cost follows what is stored. A new list of something that grows with time belongs here. */
const COSTLY = [
  'get /v1/alerts',
  'get /v1/audit',
  'get /v1/deliveries',
  'get /v1/events',
  'get /v1/filings',
  'get /v1/filings/usage',
  'get /v1/instruments',
  'get /v1/instruments/facets',
  'get /v1/portfolios/{id}/history',
  'get /v1/portfolios/{id}/reconciliation',
  'get /v1/replication',
  'get /v1/webhooks/{id}/deliveries',
  'post /v1/alert-rules/test',
];

const ID = '018f0000-0000-7000-8000-000000000000';
const TRIAL = { ruleId: ID };

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

describe('request limits on the real routes', () => {
  let desk: TestApp;
  let token: string;
  let operations: { name: string; method: string; path: string; operation: any }[];
  beforeAll(async () => {
    desk = await startTestApp({
      env: { THROTTLING_MAX_LOGINS: '3', THROTTLING_MAX_COSTLY_READS: '1' },
      internals: [throttlingConfig.with({ costlyWaiting: 0, requestsWaiting: 0 })],
    });
    ({ token } = await desk.login('admin'));
    const { body: api } = await desk.request('GET', '/openapi.json');
    operations = Object.entries<any>(api.paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => ({
        name: `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        operation: resolved(api, item[method]),
      })),
    );
  });
  afterAll(() => desk.close());

  /** The class in which the server counts a request of this operation. Undefined if it counts in none. */
  async function classOf(method: string, path: string): Promise<string | undefined> {
    const { headers } = await desk.request(method, path.replace(/\{\w+\}/g, 'x'), {
      token,
      ...(method === 'GET' ? {} : { body: {} }),
    });
    return /^"(\w+)"/.exec(headers.get('ratelimit-policy') ?? '')?.[1];
  }

  it('requests with quotes are counted and take turns as writes: bulk writes of their user do not hold them up', async () => {
    const { token: operator, userId } = await desk.login('operator');
    const quotes = [{ broker: 'made', key: 'K1', price: '1', asOf: new Date().toISOString() }];
    const publish = () => desk.request('POST', '/v1/quotes', { token: operator, body: { quotes } });
    const idle = { raw: { once: () => undefined, destroyed: false } } as never;
    const turns = desk.get(RequestTurns);
    const ends = [];
    for (const name of ['bulk', 'bulk', 'write'] as const) ends.push(await turns.take(name, userId, idle));
    const three = await Promise.all([publish(), publish(), publish()]);
    expect(three.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(three[0]!.headers.get('ratelimit-policy')).toMatch(/^"write"/);
    for (const end of ends) end();
  });

  it('every operation that takes a password or a refresh token is counted as a login', async () => {
    const guessing = operations.filter(
      ({ name, operation }) =>
        EXEMPT[name] === undefined && GUESSED.some((field) => operation.body?.properties?.[field] !== undefined),
    );
    expect(guessing.map(({ name }) => name).sort()).toEqual([
      'post /v1/auth/login',
      'post /v1/auth/password',
      'post /v1/auth/refresh',
    ]);
    for (const { name, method, path } of guessing) expect([name, await classOf(method, path)]).toEqual([name, 'login']);
  });

  it('every class of limits is on a real route', async () => {
    const found = new Set<string | undefined>();
    for (const { method, path } of operations)
      if (!found.has(await classOf(method, path))) found.add(await classOf(method, path));
    expect([...found].sort()).toEqual(['bulk', 'login', 'read', 'write', undefined]);
  });

  it('every read whose cost follows what is stored takes a turn of its user, and no other operation does', async () => {
    // The requests of the tests above have signed out.
    const user = await desk.login('admin');
    const idle = { raw: { once: () => undefined, destroyed: false } } as never;
    const end = await desk.get(RequestTurns).take('costly', user.userId, idle);
    const refused: string[] = [];
    for (const { name, method, path } of operations.filter(
      (each) => each.method === 'GET' || COSTLY.includes(each.name),
    )) {
      const { body } = await desk.request(method, path.replace(/\{\w+\}/g, ID), {
        token: user.token,
        ...(method === 'GET' ? {} : { body: TRIAL }),
      });
      if (body.code === 'THROTTLING_AT_ONCE') refused.push(name);
    }
    end();
    expect(refused.sort()).toEqual(COSTLY);
    const declared = operations.filter(({ operation }) => operation['x-costly']).map(({ name }) => name);
    expect(declared.sort()).toEqual(COSTLY);
  });

  it('THROTTLING_MAX_LOGINS limits the sign-ins of one account, and leaves another account of the address its own', async () => {
    const signIn = (email: string) =>
      desk.request('POST', '/v1/auth/login', { body: { email, password: 'not the password' } });
    // More than the limits of two windows, in case a minute ends in between.
    const answers = await Promise.all(
      Array.from({ length: 9 }, (_, n) => signIn(n % 2 ? 'ann@desk.example' : 'ANN@desk.example')),
    );
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body.code).toBe('THROTTLING_LIMITED');
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers.some(({ body }) => body.code === 'AUTH_CREDENTIALS_REFUSED')).toBe(true);
    expect((await signIn('ben@desk.example')).status).toBe(401);
  });
});

/** The operation with the schema of its JSON body instead of a reference. */
function resolved(api: any, operation: any): any {
  const schema = operation.requestBody?.content?.['application/json']?.schema;
  const name = schema?.$ref?.split('/').at(-1);
  return { ...operation, body: name === undefined ? schema : api.components.schemas[name] };
}
