// A desk of one operator with 10,000 portfolios of 10 positions in 5,000 instruments, each with a quote. Measures the first cut of a
// process that has just started (all panels are read and computed), the longest time that its event loop stood still meanwhile,
// and what a further viewer costs once it is warm. Compares it with the loop that one would write instead: read all rows by
// `pg`, multiply and sum, in floating point and without days, currencies and flags. Each part is a process of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import pg from 'pg';

const PORTFOLIOS = Number(process.env['COLD_PORTFOLIOS'] ?? 10_000);
const POSITIONS = 10;
const INSTRUMENTS = 5_000;
const ROUNDS = Number(process.env['COLD_ROUNDS'] ?? 3);
const VIEWERS = 20;
const PASSWORD = 'Bench-only-password-71';
/** The loop / ours, the first cut / its longest pause, the first cut / the cut of a further viewer. */
const FLOORS = { cpu: 0.06, pause: 15, viewer: 60 };

const [, , role] = process.argv;
const median = (values: number[]) => [...values].sort((one, other) => one - other)[values.length >> 1]!;
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Measures this process from now on. @returns a function that ends it */
function observe(): () => { maxPauseMs: number; longestGcMs: number; gcMs: number } {
  const resolution = 5;
  const delay = monitorEventLoopDelay({ resolution });
  const collections: number[] = [];
  const gc = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) collections.push(duration);
  });
  gc.observe({ entryTypes: ['gc'] });
  delay.enable();
  return () => {
    delay.disable();
    gc.disconnect();
    // The histogram holds the time between two samples, which is its resolution if nothing else runs.
    const maxPauseMs = Math.max(0, delay.max / 1e6 - resolution);
    return { maxPauseMs, longestGcMs: Math.max(0, ...collections), gcMs: collections.reduce((sum, ms) => sum + ms, 0) };
  };
}

/** The desk with its production settings. */
async function serve(): Promise<void> {
  const { startApp } = await import(new URL('../dist/apps/api/start-app.js', import.meta.url).href);
  const { Startup } = await import(new URL('../dist/libs/database/index.js', import.meta.url).href);
  const { app, url, ready } = await startApp({
    NODE_ENV: 'production',
    DATABASE_URL: process.env['DATABASE_URL'],
    PORT: '0',
    JWT_SECRET_KEY: 'a secret that is only for this measurement',
    SESSIONS_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff'.repeat(2),
    WEBHOOK_ENCRYPTION_KEY: '00112233445566778899aabbccddeeff'.repeat(2),
    ADMIN_EMAIL: 'admin@example.com',
    ADMIN_PASSWORD: PASSWORD,
    THROTTLING_MAX_BULK_WRITES: '1000000000',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
    DESKWIRE_ROLE: process.env['COLD_ROLE'],
  });
  // The first cut is the last and longest of the checks before a process is ready.
  const startup = app.get(Startup);
  while (!startup.steps.some(({ phase }: { phase: string }) => phase === 'checks'))
    await new Promise((resolve) => setImmediate(resolve));
  const [end, cpu, began] = [observe(), cpuMs(), performance.now()];
  await ready;
  const first = { ms: performance.now() - began, cpu: cpuMs() - cpu, ...end() };
  process.on('message', () => process.send!({ cpu: cpuMs() }));
  process.send!({ url, first });
}

/** What one would write in an afternoon. */
async function sumInOneLoop(): Promise<void> {
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL']! });
  await client.connect();
  await client.query('SELECT 1');
  const [end, cpu, began] = [observe(), cpuMs(), performance.now()];
  const { rows: quotes } = await client.query('SELECT broker, instrument_key AS key, price FROM quotes');
  const { rows } = await client.query(
    'SELECT portfolio_id, broker, cash, positions FROM portfolio_snapshots ORDER BY portfolio_id',
  );
  const prices = new Map(quotes.map(({ broker, key, price }) => [`${broker} ${key}`, Number(price)]));
  let total = 0;
  for (const row of rows) {
    let [value, dayPnl] = [Number(row.cash), 0];
    for (const { key, quantity, lastPrice, previousClose } of row.positions) {
      const price = prices.get(`${row.broker} ${key}`) ?? Number(lastPrice);
      value += Number(quantity) * price;
      dayPnl += Number(quantity) * (price - Number(previousClose));
    }
    total += value + dayPnl;
  }
  await new Promise((resolve) => setTimeout(resolve, 10)); // The sampler sees the loop only afterwards.
  const ms = performance.now() - began - 10;
  await client.end();
  process.send!({ ms, cpu: cpuMs() - cpu, ...end(), total });
}

interface Computed {
  ms: number;
  cpu: number;
  maxPauseMs: number;
  longestGcMs: number;
  gcMs: number;
}

const children = new Set<ChildProcess>();

function start(name: string, deskRole = 'web'): ChildProcess {
  const child = fork(import.meta.filename, [name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, COLD_ROLE: deskRole },
  });
  children.add(child);
  return child;
}

function answer<T>(child: ChildProcess, order?: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => (child.off('exit', ended), resolve(message as T)));
    if (order !== undefined) child.send(order);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await closed;
  children.delete(child);
}

/** @returns a function that calls the API as the operator */
async function client(url: string) {
  const call = async (method: string, path: string, body?: object): Promise<string> => {
    const headers = {
      ...(body && { 'content-type': 'application/json' }),
      ...(token && { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return text;
  };
  let token = '';
  token = JSON.parse(
    await call('POST', '/v1/auth/login', { email: 'admin@example.com', password: PASSWORD }),
  ).accessToken;
  return call;
}

/** Fills the desk by its API, in a process of its own, so that the measured ones are cold. */
async function fill(): Promise<void> {
  const desk = start('serve', 'all');
  const call = await client((await answer<{ url: string }>(desk)).url);
  let seed = 17;
  const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const asOf = new Date(Date.now() - 60_000).toISOString();
  const numbers = Array.from({ length: POSITIONS }, (_, n) => n);
  const snapshots = Array.from({ length: PORTFOLIOS }, (_, at) => ({
    ...{ portfolioId: `portfolio-${String(at).padStart(5, '0')}`, broker: 'bench', account: `A${at}`, currency: 'INR' },
    ...{ asOf, cash: `${random(1_000_000)}.50`, venue: 'NSE' },
    positions: numbers.map((n) => ({
      ...{ key: `K${(random(INSTRUMENTS / POSITIONS) * POSITIONS + n) % INSTRUMENTS}`, quantity: `${1 + random(500)}` },
      ...{ averagePrice: `${100 + random(50)}.05`, lastPrice: '101.25', previousClose: '100.75' },
    })),
  }));
  const quotedAt = new Date().toISOString();
  const quotes = Array.from({ length: INSTRUMENTS }, (_, n) => ({
    ...{ broker: 'bench', key: `K${n}`, price: `${100 + random(50)}.${10 + random(89)}`, asOf: quotedAt },
  }));
  for (let from = 0; from < snapshots.length; from += 1_000)
    await call('POST', '/v1/portfolios/snapshots', { snapshots: snapshots.slice(from, from + 1_000) });
  await call('POST', '/v1/quotes', { quotes });
  await stop(desk);
  const database = new pg.Client({ connectionString: process.env['DATABASE_URL']! });
  await database.connect();
  await database.query('ANALYZE');
  await database.end();
}

function print(line: object): void {
  console.log(JSON.stringify({ bench: 'cold', ...line }));
}

function printTarget(what: string, measured: number, most: number): void {
  print({ what, measured: Number(measured.toFixed(1)), target: `at most ${most}`, met: measured <= most });
}

function printRatio(what: string, ratio: number, floor: number, numbers: object): void {
  const rounded = Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(Math.round) : Number(value.toFixed(1)),
    ]),
  );
  print({ what, ratio: Number(ratio.toFixed(3)), floor, pass: ratio >= floor, ...rounded });
}

/** CPU time of a viewer's first cut, each with a window that nobody has asked for before. */
async function viewers(desk: ChildProcess, url: string): Promise<{ cpu: number[]; bytes: number }> {
  const call = await client(url);
  const cpuNow = async () => (await answer<{ cpu: number }>(desk, 'cpu')).cpu;
  const cpu: number[] = [];
  let bytes = 0;
  for (let viewer = 0; viewer < VIEWERS; viewer++) {
    const window = { limit: 200, offset: viewer, sort: viewer % 2 === 0 ? 'portfolioId' : '-value' };
    const before = await cpuNow();
    const text = await call(
      'GET',
      `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify({ portfolios: window }))}`,
    );
    cpu.push((await cpuNow()) - before);
    bytes = Math.max(bytes, text.length);
  }
  return { cpu, bytes };
}

async function measure(): Promise<void> {
  await fill();
  const ours: Computed[] = [];
  const theirs: Computed[] = [];
  let seen: Awaited<ReturnType<typeof viewers>> | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    theirs.push(await answer<Computed>(start('loop')));
    const desk = start('serve');
    const { url, first } = await answer<{ url: string; first: Computed }>(desk);
    ours.push(first);
    if (round === ROUNDS - 1) seen = await viewers(desk, url);
    await stop(desk);
  }
  const of = (list: Computed[], name: keyof Computed) => list.map((computed) => computed[name]);
  const least = (list: Computed[], name: keyof Computed) => Math.min(...of(list, name));
  const [ms, pause, viewerCpu] = [least(ours, 'ms'), least(ours, 'maxPauseMs'), median(seen!.cpu)];
  printRatio(
    'processor time of a loop in floating point : of the first cut',
    least(theirs, 'cpu') / least(ours, 'cpu'),
    FLOORS.cpu,
    {
      ...{ ms: of(ours, 'ms'), cpu: of(ours, 'cpu'), positionsPerSecond: (PORTFOLIOS * POSITIONS * 1_000) / ms },
      ...{ loopMs: of(theirs, 'ms'), loopCpu: of(theirs, 'cpu') },
    },
  );
  printTarget('first cut of a process, ms', ms, 3_000);
  printRatio('first cut : the longest pause of the event loop in it', ms / pause, FLOORS.pause, {
    ...{ pauseMs: of(ours, 'maxPauseMs'), longestGcMs: of(ours, 'longestGcMs'), gcMs: of(ours, 'gcMs') },
    ...{ loopPauseMs: of(theirs, 'maxPauseMs') },
  });
  printTarget('longest pause of the event loop, ms', pause, 50);
  printRatio('processor time of the first cut : of a further viewer', least(ours, 'cpu') / viewerCpu, FLOORS.viewer, {
    cpu: seen!.cpu,
  });
  printTarget("processor time of a further viewer's first cut, ms", viewerCpu, 50);
  printTarget('bytes of a window of 200 rows', seen!.bytes, 60_000);
}

if (role === 'serve') await serve();
else if (role === 'loop') await sumInOneLoop();
else {
  try {
    await measure();
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
