// A trading floor for benches: a desk in a process of its own, filled with traders who watch contracts and hold positions, and
// the processes that post quotes and show screens.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';

// Node runs this file as it is, so the path has the extension of the source.
const { cpuOfTree, parentOf } = (await import(new URL('./cpu.mjs', import.meta.url).href)) as {
  cpuOfTree(parent: number): number;
  parentOf(pid: number): number;
};

const { appendSql } = (await import(new URL('../../dist/libs/changes/index.js', import.meta.url).href)) as {
  appendSql(topic: string, key: string): string;
};

/** The password of the admin and of every trader. */
export const PASSWORD = 'Bench-only-password-71';
const BROKER = 'bench';

export interface FloorSize {
  traders: number;
  /** Contracts that are watched and held. They are `K0` to `K<n>`. */
  instruments: number;
  watched: number;
  portfolios: number;
  positions: number;
}

/** What a screen asks for. */
export const PANELS = { portfolios: {}, positions: {}, quotes: {} };

/** How quotes arrive. */
export interface Rate {
  batchesPerSecond: number;
  /** Quotes of one request. */
  batch: number;
  seconds: number;
}

export interface Trader {
  id: string;
  token: string;
  /** Keys of the contracts that they watch. */
  keys: string[];
}

export interface Measured {
  quotesPerSecond: number;
  /** Cores that the server used. */
  cpu: number;
  postgres: number;
  /** From acknowledgement to screen, ms. */
  p99: number;
  operations: number;
  statuses: Record<string, number>;
}

let seed = 17;
const random = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;

export class Floor {
  private readonly children = new Set<ChildProcess>();
  private desk: ChildProcess | undefined;
  private postmaster = 0;
  private batches = 1;
  url = '';
  operator = '';

  readonly size: FloorSize;
  private readonly databaseUrl: string;

  constructor(size: FloorSize, databaseUrl = process.env['DATABASE_URL']!) {
    this.size = size;
    this.databaseUrl = databaseUrl;
  }

  start(name: string, more: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = fork(join(import.meta.dirname, name), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...more },
    });
    this.children.add(child);
    return child;
  }

  /** The next message of a child. */
  answer<T>(child: ChildProcess, order?: object | string): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`a process of the bench ended with ${code}`));
      child.once('exit', ended);
      child.once('message', (message) => (child.off('exit', ended), resolve(message as T)));
      if (order !== undefined) child.send(order);
    });
  }

  stop(child: ChildProcess): void {
    child.kill('SIGKILL');
    this.children.delete(child);
  }

  /** Starts the desk with its contracts. */
  async open(): Promise<ChildProcess> {
    this.desk = this.start('desk.mjs', { BENCH_PASSWORD: PASSWORD });
    ({ url: this.url } = await this.answer<{ url: string }>(this.desk));
    await this.addInstruments('K', this.size.instruments);
    await this.enter();
    return this.desk;
  }

  /** Starts the bare process with a screen for each trader, which shows what their dashboard shows now. */
  async openBare(traders: readonly Trader[]): Promise<{ bare: ChildProcess; url: string; screens: ChildProcess }> {
    const first: object[] = [];
    for (const { token, keys } of traders) {
      const path = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(PANELS))}`;
      const { portfolios, positions } = (await this.call('GET', path, undefined, token)).panels;
      first.push({ keys, positions: positions.rows, portfolios: portfolios.rows, totals: portfolios.totals });
    }
    const bare = this.start('bare.mjs');
    const { url } = await this.answer<{ url: string }>(bare, first);
    const auths = traders.map((_, screen) => ({ screen }));
    return { bare, url, screens: await this.screens({ url, namespace: '', auths }) };
  }

  /** Signs in the operator of the desk at `url`. */
  async enter(): Promise<void> {
    const [backend] = await this.sql<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'`,
    );
    this.postmaster = parentOf(backend!.pid);
    this.operator = await this.logIn('admin@example.com');
  }

  /** Processor time of PostgreSQL, in ms. */
  get postgresMs(): number {
    return cpuOfTree(this.postmaster);
  }

  /** Processor time of a process with its children, in ms. */
  processMs(pid: number): number {
    return cpuOfTree(pid);
  }

  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  async addInstruments(prefix: string, count: number): Promise<void> {
    await this.sql(
      `INSERT INTO instruments (broker, instrument_key, exchange, tradingsymbol, name)
       SELECT '${BROKER}', $1 || n, 'NSE', 'SYMBOL' || $1 || n, 'Company ' || n FROM generate_series(0, $2::int - 1) n`,
      [prefix, count],
    );
    await this.sql(appendSql('instruments', '$1'), [prefix]);
    await this.sql('ANALYZE');
  }

  /** Adds traders with their watchlists, by SQL, and their portfolios, by the API. */
  async addTraders(prefix: string, count: number): Promise<Trader[]> {
    const { watched, instruments } = this.size;
    const users = await this.sql<{ id: string; email: string }>(
      `INSERT INTO users (email, password_hash, display_name, roles)
       SELECT $1 || n || '@example.com', (SELECT password_hash FROM users LIMIT 1), 'Trader ' || n, '{trader}'
         FROM generate_series(1, $2::int) n RETURNING id, email`,
      [prefix, count],
    );
    const lists = users.map(() => [...some(watched, instruments)].map((n) => `K${n}`));
    await this.sql(
      `INSERT INTO instrument_registry (user_id, instrument_id)
       SELECT user_id, i.id FROM unnest($1::uuid[], $2::text[]) AS w(user_id, key)
         JOIN instruments i ON i.broker = '${BROKER}' AND i.instrument_key = w.key`,
      [users.flatMap(({ id }) => Array<string>(watched).fill(id)), lists.flat()],
    );
    // The desk's own statements tell of what they change. Without it, a desk with a cut shows nothing of this.
    const ids = users.map(({ id }) => id);
    for (const topic of ['users', 'watchlist']) await this.sql(appendSql(topic, 'unnest($1::text[])'), [ids]);
    for (const { id, email } of users) await this.addPortfolios(id, email.split('@')[0]!, this.size.portfolios, 'K');
    await this.flush();
    const tokens: string[] = [];
    for (let from = 0; from < users.length; from += 8)
      tokens.push(...(await Promise.all(users.slice(from, from + 8).map(({ email }) => this.logIn(email)))));
    return users.map(({ id }, at) => ({ id, token: tokens[at]!, keys: lists[at]! }));
  }

  private waiting: object[] = [];

  /** @param prefix of the keys of their contracts */
  async addPortfolios(userId: string, name: string, count: number, prefix: string): Promise<void> {
    for (let at = 0; at < count; at++)
      this.waiting.push({
        ...{
          portfolioId: `${name}-${at}`,
          userId,
          broker: BROKER,
          account: `A${at}`,
          currency: 'INR',
          cash: '1000000',
        },
        asOf: new Date(Date.now() - 60_000).toISOString(),
        positions: [...some(this.size.positions, this.size.instruments)].map((n) => ({
          ...{ key: `${prefix}${n}`, quantity: '10', averagePrice: '100', lastPrice: '101', previousClose: '100' },
        })),
      });
    if (this.waiting.length >= 1_000) await this.flush();
  }

  async flush(): Promise<void> {
    while (this.waiting.length > 0)
      await this.call('POST', '/v1/portfolios/snapshots', { snapshots: this.waiting.splice(0, 1_000) }, this.operator);
  }

  async call(method: string, path: string, body?: object, token?: string): Promise<any> {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    for (;;) {
      const response = await fetch(this.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      const answered = (await response.json()) as any;
      if (response.ok) return answered;
      // A desk that has just been filled may take longer for its first cut than a client waits.
      if (answered.code !== 'DASHBOARD_NO_CUT_YET')
        throw new Error(`${method} ${path}: ${response.status} ${answered.detail}`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  }

  private async logIn(email: string): Promise<string> {
    return (await this.call('POST', '/v1/auth/login', { email, password: PASSWORD })).accessToken;
  }

  /** Opens a screen for each trader. */
  async screens(of: object): Promise<ChildProcess> {
    const screens = this.start('screens.mjs');
    await this.answer(screens, of);
    return screens;
  }

  /** Opens a screen of the desk for each trader, `each` times. */
  deskScreens(traders: readonly Trader[], panels: object = PANELS): Promise<ChildProcess> {
    const auths = traders.map(({ token }) => ({ token }));
    return this.screens({ url: this.url, namespace: '/dashboard', auths, subscribe: { panels } });
  }

  /** Posts quotes of all contracts in turn at a fixed rate, after two seconds of warm-up, and looks at server and screens. */
  async measure(server: ChildProcess, url: string, screens: ChildProcess, rate: Rate): Promise<Measured> {
    const feeder = this.start('feeder.mjs');
    await this.answer(feeder);
    const keys = Array.from({ length: this.size.instruments }, (_, n) => `K${n}`);
    const feed = (seconds: number) => {
      const first = this.batches;
      this.batches += seconds * rate.batchesPerSecond;
      return this.answer<{ acknowledged: [number, number][]; statuses: Record<string, number>; ms: number }>(feeder, {
        ...{ url, token: this.operator, keys, batch: rate.batch, perSecond: rate.batchesPerSecond, seconds, first },
      });
    };
    await feed(2);
    const cpuNow = async () => (await this.answer<{ cpu: number }>(server, 'cpu')).cpu;
    screens.send('start');
    const [cpuBefore, postgresBefore, begin] = [await cpuNow(), this.postgresMs, performance.now()];
    const { acknowledged, statuses, ms } = await feed(rate.seconds);
    const seconds = (performance.now() - begin) / 1_000;
    const cpu = ((await cpuNow()) - cpuBefore) / 1_000 / seconds;
    const postgres = (this.postgresMs - postgresBefore) / 1_000 / seconds;
    await new Promise((resolve) => setTimeout(resolve, 500)); // The last frames are on their way.
    const { arrivals, operations } = await this.answer<{ arrivals: [number, number][]; operations: number }>(
      screens,
      'report',
    );
    this.stop(feeder);
    return {
      ...{ quotesPerSecond: (acknowledged.length * rate.batch * 1_000) / ms, cpu, operations, statuses, postgres },
      p99: p99Of(arrivals, new Map(acknowledged)),
    };
  }

  close(): void {
    for (const child of this.children) child.kill('SIGKILL');
  }
}

function p99Of(arrivals: readonly [number, number][], acknowledged: ReadonlyMap<number, number>): number {
  const delays = arrivals.flatMap(([batch, received]) =>
    acknowledged.has(batch) ? [Math.max(0, received - acknowledged.get(batch)!)] : [],
  );
  delays.sort((one, other) => one - other);
  return delays[Math.ceil(delays.length * 0.99) - 1] ?? Infinity;
}

function some(count: number, below: number): Set<number> {
  const chosen = new Set<number>();
  while (chosen.size < count) chosen.add(random(below));
  return chosen;
}
