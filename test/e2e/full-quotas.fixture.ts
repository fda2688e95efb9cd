import { hash } from '@node-rs/argon2';
import pg from 'pg';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { ForkedDesk } from './forked-desk.fixture.js';
import { copyToAll, type QuotaUse } from './quota-use.fixture.js';

const PASSWORD = 'correct horse battery staple';
const HOUR_MS = 3_600_000;
const EGRESS = { EGRESS_ALLOW_HTTP: 'true', EGRESS_ALLOW_PRIVATE: 'true' };

/** Settings under which `use` is the whole of every quota. */
const quotasOf = (use: QuotaUse, more = 0): Record<string, string> => {
  const settings = {
    PORTFOLIOS_MAX_PER_TRADER: use.portfolios,
    PORTFOLIOS_MAX_POSITIONS: use.positions + 1,
    PORTFOLIOS_MAX_POSITIONS_PER_TRADER: use.portfolios * use.positions,
    PORTFOLIOS_MAX_QUOTES: use.quotes,
    PORTFOLIOS_MAX_PER_OPERATOR: use.operatorPortfolios,
    INSTRUMENTS_MAX_WATCHED: use.watched,
    SESSIONS_MAX_PER_USER: use.sessions,
    AUTH_MAX_API_KEYS: use.apiKeys,
    WEBHOOKS_MAX_PER_USER: use.webhooks,
    ALERTS_MAX_RULES: use.rules,
    FEEDS_MAX_SOURCES: use.feeds,
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value + more)]));
};

/**
 * Tests that a desk with such a heap starts on the used quotas, serves and takes quotes. The long form does so twice, and
 * proves that every quota is used up.
 */
export function itServesFullQuotas(use: QuotaUse, heapMb: number, form: 'short' | 'long'): void {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await fullDatabase(use);
  }, 600_000);
  afterAll(() => database.drop());

  it.each(form === 'long' ? ['2.5', '3.5'] : ['2.5'])(
    `a desk with a heap of ${heapMb} MB starts on it, serves and takes quotes (price %s)`,
    async (price) => {
      const desk = await startDesk(database, heapMb);
      try {
        await useDesk(desk, use, price);
      } finally {
        await desk.kill();
      }
    },
    600_000,
  );

  if (form === 'short') return;
  it('every quota is used: a desk with these quotas refuses one more of each, and one with larger quotas takes it', async () => {
    expect(await refusalsOfOneMore(use, database, quotasOf(use))).toEqual([
      'PORTFOLIOS_TOO_MANY',
      'PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER',
      'INSTRUMENTS_TOO_MANY_FOLLOWED',
      'SESSIONS_TOO_MANY',
      'AUTH_TOO_MANY_API_KEYS',
      'WEBHOOKS_TOO_MANY',
      'ALERTS_TOO_MANY_RULES',
      'FEEDS_TOO_MANY',
      'PORTFOLIOS_TOO_MANY_QUOTES',
      'PORTFOLIOS_TOO_MANY',
    ]);
    expect(await refusalsOfOneMore(use, database, quotasOf(use, 1))).toEqual([]);
  }, 600_000);
}

/** Adds one more of each kind. @returns the codes of the refusals */
async function refusalsOfOneMore(use: QuotaUse, database: TestDatabase, settings: Record<string, string>) {
  const desk = await startDesk(database, undefined, settings);
  try {
    const trader = await signIn(desk, 'trader1');
    const operator = await signIn(desk, 'operator');
    const asOf = new Date().toISOString();
    const snapshot = (positions: number) => ({
      ...{ broker: 'zerodha', account: 'more', asOf, currency: 'INR', cash: '1' },
      positions: Array.from({ length: positions }, (_, n) => heldPosition(n)),
    });
    const { body: instruments } = await desk.request('GET', '/v1/instruments?limit=1', { token: operator });
    const [own] = (await desk.request('GET', '/v1/portfolios?limit=1', { token: trader })).body.items;
    const grown = { ...snapshot(use.positions + 1), account: own.account };
    const more: [token: string, method: string, path: string, body?: unknown][] = [
      [trader, 'PUT', '/v1/portfolios/more/snapshot', snapshot(0)],
      [trader, 'PUT', `/v1/portfolios/${own.portfolioId}/snapshot`, grown],
      [trader, 'PUT', `/v1/watchlist/${instruments.items[0].id}`],
      [trader, 'PUT', '/v1/sessions', brokerSession('more')],
      [trader, 'POST', '/v1/auth/api-keys', API_KEY],
      [trader, 'POST', '/v1/webhooks', WEBHOOK],
      [trader, 'POST', '/v1/alert-rules', { ...RULE, name: 'more' }],
      [operator, 'POST', '/v1/feeds', { ...FEED, name: 'more' }],
      [operator, 'POST', '/v1/quotes', { quotes: [{ broker: 'zerodha', key: 'MORE', price: '1', asOf }] }],
      [operator, 'PUT', '/v1/portfolios/more2/snapshot', { ...snapshot(0), account: 'more2' }],
    ];
    const refusals: string[] = [];
    for (const [token, method, path, body] of more) {
      const answer = await desk.request(method, path, { token, body });
      if (answer.status >= 300) refusals.push(answer.body.code);
    }
    return refusals;
  } finally {
    await desk.kill();
  }
}

/** A desk process with an upper limit of its heap. */
function startDesk(database: TestDatabase, heapMb?: number, env: Record<string, string> = {}): Promise<ForkedDesk> {
  const heap = heapMb === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${heapMb}` };
  return ForkedDesk.start(database, { ...EGRESS, ...heap, ...env });
}

/**
 * A database in which every quota is used. The first trader adds one row of each kind over HTTP, and PostgreSQL copies the
 * rows, whatever their columns are.
 */
async function fullDatabase(use: QuotaUse): Promise<TestDatabase> {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const passwordHash = await hash(PASSWORD, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    const traders = Array.from({ length: use.traders }, (_, n) => [`trader${n}`, 'trader'] as const);
    for (const [name, role] of [['operator', 'operator'] as const, ...traders])
      await client.query(
        `INSERT INTO users (email, password_hash, display_name, roles) VALUES ($1, $2, $3, ARRAY[$4])`,
        [emailOf(name), passwordHash, name, role],
      );
    const desk = await startTestApp({ database, env: EGRESS });
    try {
      await addOneOfEach(desk, use.positions);
    } finally {
      await desk.close();
    }
    await copyToAll(client, use, emailOf('operator'));
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
  return database;
}

/**
 * Uses the desk as a trader and as an operator: both read the dashboard, then the operator sends quotes of 100 contracts that
 * the trader follows, and the trader's dashboard shows them.
 */
async function useDesk(desk: ForkedDesk, use: QuotaUse, price: string): Promise<void> {
  const trader = await signIn(desk, 'trader1');
  const operator = await signIn(desk, 'operator');
  const portfoliosOf = async (token: string) => {
    const { status, body } = await desk.request('GET', '/v1/dashboard', { token });
    return [status, body.panels?.portfolios.totals[0].portfolios ?? body.code];
  };
  const all = [
    [200, use.portfolios],
    [200, use.traders * use.portfolios + use.operatorPortfolios],
  ];
  // There is no cut before every portfolio has been valued.
  await eventually(async () => expect(await portfoliosOf(trader)).toEqual(all[0]), 200_000);
  expect(await portfoliosOf(operator)).toEqual(all[1]);
  const asOf = new Date().toISOString();
  const quotes = Array.from({ length: 100 }, (_, n) => ({
    ...{ broker: 'zerodha', key: `Q${use.watched + n + 1}`, price, previousClose: '1', asOf },
  }));
  const { status, body } = await desk.request('POST', '/v1/quotes', { token: operator, body: { quotes } });
  expect([status, body.stored]).toEqual([200, quotes.length]);
  await eventually(async () => {
    const { panels } = (await desk.request('GET', '/v1/dashboard', { token: trader })).body;
    const prices = panels.instruments.watchlist.map((item: { lastPrice: string }) => item.lastPrice);
    expect(prices).toHaveLength(use.watched);
    expect(prices.filter((shown: string) => shown === price)).toHaveLength(quotes.length);
  });
  expect([await portfoliosOf(trader), await portfoliosOf(operator)]).toEqual(all);
}

const emailOf = (name: string) => `${name}@full.example`;

async function signIn(desk: Pick<TestApp, 'request'>, name: string): Promise<string> {
  const login = { email: emailOf(name), password: PASSWORD };
  const { status, body } = await desk.request('POST', '/v1/auth/login', { body: login });
  if (status >= 300) throw new Error(`${name} cannot sign in: ${status} ${JSON.stringify(body)}`);
  return body.accessToken;
}

async function addOneOfEach(desk: TestApp, positions: number): Promise<void> {
  const trader = await signIn(desk, 'trader0');
  const operator = await signIn(desk, 'operator');
  const add = async (token: string, method: string, path: string, body: unknown) => {
    const answer = await desk.request(method, path, { token, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  const asOf = new Date(Date.now() - HOUR_MS).toISOString();
  await add(trader, 'PUT', '/v1/portfolios/first/snapshot', {
    ...{ portfolioId: 'first', broker: 'zerodha', account: 'A', asOf, currency: 'INR', cash: '1000.00' },
    positions: Array.from({ length: positions }, (_, n) => heldPosition(n)),
  });
  const quote = { broker: 'zerodha', key: 'Q1', price: '1.00', previousClose: '1.05', asOf };
  await add(operator, 'POST', '/v1/quotes', { quotes: [quote] });
  await add(trader, 'PUT', '/v1/sessions', brokerSession('S'));
  await add(trader, 'POST', '/v1/auth/api-keys', API_KEY);
  await add(trader, 'POST', '/v1/webhooks', WEBHOOK);
  await add(trader, 'POST', '/v1/alert-rules', RULE);
  await add(operator, 'POST', '/v1/feeds', FEED);
  const response = await fetch(new URL('/v1/instruments/imports?broker=zerodha', desk.url), {
    ...{ method: 'POST', body: kiteCsv(contracts(1)) },
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'text/csv' },
  });
  if (response.status !== 201) throw new Error(`the import was answered ${response.status}`);
}

/** As many short values as 500 rules may have: their number decides what an index of them needs. */
const RULE = {
  name: 'rule',
  severity: 'info',
  condition: { op: 'ticker', values: Array.from({ length: 70 }, (_, n) => `T0X${n}`) },
  message: { title: '{payload.title}', body: 'x'.repeat(200) },
};

const API_KEY = { name: 'first', roles: ['viewer'], expiresInDays: 1 };
const WEBHOOK = { url: 'http://127.0.0.1:9999/', description: 'first' };
const FEED = { name: 'first', kind: 'rss', url: 'http://127.0.0.1:9999/', enabled: false };

const heldPosition = (n: number) => ({
  ...{ key: `HELD${n}`, quantity: '10', averagePrice: '101.25', lastPrice: '102.50', previousClose: '100.75' },
});

const brokerSession = (account: string) => ({
  ...{ broker: 'zerodha', account, accessToken: 'token-0123456789', loginMethod: 'manual' },
  expiresAt: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
  details: { note: 'x'.repeat(15_000) },
});
