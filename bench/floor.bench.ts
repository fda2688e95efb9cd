// A trading floor: 200 traders with 5 portfolios of 10 positions and 100 watched of 5,000 instruments each, all with an open
// dashboard, while 15,000 quotes per second arrive. Compares the desk with a bare socket.io process that parses the same
// requests and sends the same changes to the same screens. Every part is a process of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';

// Node runs this file as it is, so the path has the extension of the source.
const { cpuOfTree, parentOf } = (await import(new URL('./floor/cpu.mjs', import.meta.url).href)) as {
  cpuOfTree(parent: number): number;
  parentOf(pid: number): number;
};

const TRADERS = Number(process.env['FLOOR_TRADERS'] ?? 200);
const INSTRUMENTS = 5_000;
const WATCHED = 100;
const PORTFOLIOS = 5;
const POSITIONS = 10;
const BATCH = 750;
const BATCHES_PER_SECOND = Number(process.env['FLOOR_RATE'] ?? 20);
const SECONDS = Number(process.env['FLOOR_SECONDS'] ?? 10);
const PASSWORD = 'Bench-only-password-71';
/** Ours / bare quotes, bare / ours CPU time of a quote, bare / ours p99. */
const FLOORS = { quotes: 0.9, cpu: 0.25, p99: 0.5 };

const children: ChildProcess[] = [];
let seed = 17;
const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
const some = (count: number) => {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random(INSTRUMENTS));
  return [...chosen];
};

function start(name: string, more: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = fork(join(import.meta.dirname, 'floor', name), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...more },
  });
  children.push(child);
  return child;
}

/** The next message of a child. */
function answer<T>(child: ChildProcess, order?: object | string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => (child.off('exit', ended), resolve(message as T)));
    if (order !== undefined) child.send(order);
  });
}

/** What a screen asks for. */
const PANELS = { portfolios: {}, positions: {}, quotes: {} };

interface Traders {
  tokens: string[];
  operator: string;
  /** What each screen shows at the start. */
  screens: object[];
}

/** Fills the desk: instruments and watchlists by SQL, portfolios by the API. */
async function fill(url: string): Promise<Traders> {
  const call = async (method: string, path: string, body: object, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json() as Promise<any>;
  };
  const logIn = async (email: string): Promise<string> =>
    (await call('POST', '/v1/auth/login', { email, password: PASSWORD })).accessToken;
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL']! });
  await client.connect();
  const { rows: users } = await client.query<{ id: string; email: string }>(
    `INSERT INTO users (email, password_hash, display_name, roles)
     SELECT 'trader' || n || '@example.com', (SELECT password_hash FROM users LIMIT 1), 'Trader ' || n, '{trader}'
       FROM generate_series(1, $1::int) n RETURNING id, email`,
    [TRADERS],
  );
  const { rows: instruments } = await client.query<{ id: string }>(
    `INSERT INTO instruments (broker, instrument_key, exchange, tradingsymbol, name)
     SELECT 'bench', 'K' || n, 'NSE', 'SYMBOL' || n, 'Company ' || n FROM generate_series(0, $1::int - 1) n RETURNING id`,
    [INSTRUMENTS],
  );
  const lists = users.map(() => some(WATCHED));
  await client.query(
    `INSERT INTO instrument_registry (user_id, instrument_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])`,
    [
      users.flatMap(({ id }) => Array<string>(WATCHED).fill(id)),
      lists.flatMap((list) => list.map((n) => instruments[n]!.id)),
    ],
  );
  await client.query('ANALYZE');
  const {
    rows: [backend],
  } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  postmaster = parentOf(backend!.pid);
  await client.end();
  const operator = await logIn('admin@example.com');
  const snapshots = users.flatMap(({ id, email }) =>
    Array.from({ length: PORTFOLIOS }, (_, at) => ({
      ...{
        portfolioId: `${email.split('@')[0]}-${at}`,
        userId: id,
        broker: 'bench',
        account: `A${at}`,
        currency: 'INR',
      },
      ...{ asOf: new Date(Date.now() - 60_000).toISOString(), cash: '1000000' },
      positions: some(POSITIONS).map((n) => ({
        ...{ key: `K${n}`, quantity: '10', averagePrice: '100', lastPrice: '101', previousClose: '100' },
      })),
    })),
  );
  for (let from = 0; from < snapshots.length; from += 1_000)
    await call('POST', '/v1/portfolios/snapshots', { snapshots: snapshots.slice(from, from + 1_000) }, operator);
  const tokens: string[] = [];
  for (let from = 0; from < users.length; from += 8)
    tokens.push(...(await Promise.all(users.slice(from, from + 8).map(({ email }) => logIn(email)))));
  const screens: object[] = [];
  for (const [trader, token] of tokens.entries()) {
    const { portfolios, positions } = await shown(url, token);
    const keys = lists[trader]!.map((n) => `K${n}`);
    screens.push({ keys, positions: positions.rows, portfolios: portfolios.rows, totals: portfolios.totals });
  }
  return { tokens, operator, screens };
}

/** The panels of a trader; asks again while a desk that has just been filled makes its first cut. */
async function shown(url: string, token: string): Promise<any> {
  const path = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(PANELS))}`;
  for (;;) {
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    const body = (await response.json()) as any;
    if (response.ok) return body.panels;
    if (body.code !== 'DASHBOARD_NO_CUT_YET') throw new Error(`${path}: ${response.status} ${body.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

interface Measured {
  quotesPerSecond: number;
  cpu: number;
  p99: number;
  operations: number;
  statuses: Record<string, number>;
  postgres: number;
}

let batches = 1;
let postmaster = 0;

async function measure(server: ChildProcess, url: string, token: string, screens: ChildProcess): Promise<Measured> {
  const feeder = start('feeder.mjs');
  await answer(feeder);
  const keys = Array.from({ length: INSTRUMENTS }, (_, n) => `K${n}`);
  const feed = (seconds: number) => {
    const first = batches;
    batches += seconds * BATCHES_PER_SECOND;
    return answer<{ acknowledged: [number, number][]; statuses: Record<string, number>; ms: number }>(feeder, {
      ...{ url, token, keys, batch: BATCH, perSecond: BATCHES_PER_SECOND, seconds, first },
    });
  };
  await feed(2); // Warm-up.
  const cpuNow = async () => (await answer<{ cpu: number }>(server, 'cpu')).cpu;
  screens.send('start');
  const [cpuBefore, postgresBefore, begin] = [await cpuNow(), cpuOfTree(postmaster), performance.now()];
  const { acknowledged, statuses, ms } = await feed(SECONDS);
  const seconds = (performance.now() - begin) / 1_000;
  const cpu = ((await cpuNow()) - cpuBefore) / 1_000 / seconds;
  const postgres = (cpuOfTree(postmaster) - postgresBefore) / 1_000 / seconds;
  await new Promise((resolve) => setTimeout(resolve, 500)); // The last frames are on their way.
  const { arrivals, operations } = await answer<{ arrivals: [number, number][]; operations: number }>(
    screens,
    'report',
  );
  feeder.kill();
  const at = new Map(acknowledged);
  const delays = arrivals.flatMap(([batch, received]) =>
    at.has(batch) ? [Math.max(0, received - at.get(batch)!)] : [],
  );
  delays.sort((one, other) => one - other);
  const p99 = delays[Math.ceil(delays.length * 0.99) - 1] ?? Infinity;
  return { quotesPerSecond: (acknowledged.length * BATCH * 1_000) / ms, cpu, p99, operations, statuses, postgres };
}

function print(what: string, ratio: number, floor: number, numbers: object): void {
  const rounded = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [
      name,
      typeof value === 'number' ? Number(value.toFixed(3)) : value,
    ]),
  );
  console.log(
    JSON.stringify({ bench: 'floor', what, ratio: Number(ratio.toFixed(3)), floor, pass: ratio >= floor, ...rounded }),
  );
}

try {
  const desk = start('desk.mjs', { BENCH_PASSWORD: PASSWORD });
  const { url } = await answer<{ url: string }>(desk);
  const { tokens, operator, screens: shownFirst } = await fill(url);
  const bare = start('bare.mjs');
  const plain = await answer<{ url: string }>(bare, shownFirst);

  const bareScreens = start('screens.mjs');
  await answer(bareScreens, { url: plain.url, namespace: '', auths: tokens.map((_, screen) => ({ screen })) });
  const theirs = await measure(bare, plain.url, '', bareScreens);
  bareScreens.kill();
  bare.kill();

  const screens = start('screens.mjs');
  const subscribe = { panels: PANELS };
  await answer(screens, { url, namespace: '/dashboard', auths: tokens.map((token) => ({ token })), subscribe });
  const ours = await measure(desk, url, operator, screens);

  const quotes = ours.quotesPerSecond / theirs.quotesPerSecond;
  print('quotes per second', quotes, FLOORS.quotes, {
    ours: ours.quotesPerSecond,
    bare: theirs.quotesPerSecond,
    statuses: ours.statuses,
    operations: ours.operations,
    bareOperations: theirs.operations,
  });
  const perQuote = ({ cpu, quotesPerSecond }: Measured) => (cpu * 1e6) / quotesPerSecond;
  print('processor time of the server for each quote, µs', perQuote(theirs) / perQuote(ours), FLOORS.cpu, {
    ...{ ours: perQuote(ours), bare: perQuote(theirs) },
    ...{ oursCores: ours.cpu, bareCores: theirs.cpu, postgresCores: ours.postgres },
  });
  print('p99 from commit to screen, ms', theirs.p99 / ours.p99, FLOORS.p99, { ours: ours.p99, bare: theirs.p99 });
} finally {
  for (const child of children) child.kill('SIGKILL');
}
