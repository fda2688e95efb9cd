import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { dashboardConfig } from '#dashboard';
import { Database, Transactions } from '#database';
import { InstrumentImporter } from '#instruments';
import { bytesOf, contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const CURRENCIES = ['INR', 'USD'];
const CASH = 1_000_000;
const HELD = 1_000;
const OPENED = '2026-11-02T03:45:00.000Z';
/** Pause of each writer after a write is answered, so that readers get most of the two processors. */
const PACE_MS = 20;
const REST_READERS = 8;

export interface CutReport {
  reads: number;
  rest: number;
  frames: number;
  faults: string[];
  /** Snapshot ids that were read over REST and over sockets. */
  common: number;
  writes: number;
}

interface ChildReport extends Omit<CutReport, 'common' | 'writes'> {
  cuts: Record<'rest' | 'socket', [string, string][]>;
}

export interface CutPlan {
  reads: number;
  /** Processes with sockets. One more reads over REST. */
  processes: number;
  /** Per process. */
  sockets: number;
  /** One read of so many is over REST: sockets read faster. */
  restShare?: number;
  /** The negative control: cuts are read in READ COMMITTED. */
  lowered?: boolean;
}

/** Reads cuts of a desk over REST and sockets, while writers move cash, contracts, prices and a rate. */
export async function readCuts(plan: CutPlan): Promise<CutReport> {
  const { reads, lowered = false, processes, sockets, restShare = 50 } = plan;
  const unlimited = Object.fromEntries(
    ['READS', 'WRITES', 'BULK_WRITES'].map((kind) => [`THROTTLING_MAX_${kind}`, '10000000']),
  );
  const app = await startTestApp({
    env: {
      ...unlimited,
      REALTIME_MAX_CONNECTIONS: '1000',
      REALTIME_MAX_PER_USER: '1000',
      PORTFOLIOS_BASE_CURRENCY: 'INR',
    },
    internals: [dashboardConfig.with({ tickMs: 10 })],
  });
  try {
    if (lowered) lowerIsolation(app);
    const desk = new MovingDesk(app);
    const setUp = await desk.setUp();
    const writing = desk.write();
    try {
      const task = { url: app.url, ...setUp };
      const overRest = Math.ceil(reads / restShare);
      const perProcess = { rest: 0, sockets, reads: Math.ceil((reads - overRest) / processes) };
      const tasks = [{ rest: REST_READERS, sockets: 0, reads: overRest }, ...Array(processes).fill(perProcess)];
      const reports = await Promise.all(tasks.map((each) => reader({ ...task, ...each })));
      return { ...merged(reports), ...desk.counts() };
    } finally {
      await desk.stop(writing);
    }
  } finally {
    await app.close();
  }
}

/** Cuts then see what is committed while they read, as with the default level of PostgreSQL. */
function lowerIsolation(app: TestApp): void {
  const transactions = app.get(Transactions);
  const run = transactions.run.bind(transactions);
  transactions.run = (options, work) =>
    run(options.readOnly ? { pool: 'cut', isolation: 'READ COMMITTED', readOnly: true } : options, work);
}

function reader(task: object): Promise<ChildReport> {
  const child = fork(join(import.meta.dirname, 'cut-reader-process.mjs'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send(task);
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`a reader ended with ${code}`)));
  });
}

function merged(reports: readonly ChildReport[]): Omit<CutReport, 'writes'> {
  const faults = reports.flatMap((report) => report.faults);
  const digests = new Map<string, string>();
  const ids = { rest: new Set<string>(), socket: new Set<string>() };
  for (const { cuts } of reports)
    for (const from of ['rest', 'socket'] as const)
      for (const [id, digest] of cuts[from]) {
        ids[from].add(id);
        const known = digests.get(id);
        if (known !== undefined && known !== digest) faults.push(`two different documents at ${id}`);
        digests.set(id, digest);
      }
  const sum = (of: 'reads' | 'rest' | 'frames') => reports.reduce((all, report) => all + report[of], 0);
  const common = [...ids.rest].filter((id) => ids.socket.has(id)).length;
  return { reads: sum('reads'), rest: sum('rest'), frames: sum('frames'), faults, common };
}

/** Four portfolios, two in each currency. Cash and contracts move between the two in one request, so their sums are constant. */
class MovingDesk {
  private operator = '';
  private userId = '';
  private keys: string[] = [];
  private over = false;
  private writes = 0;
  private clock = Date.now();

  constructor(private readonly app: TestApp) {}

  async setUp() {
    const trader = await this.app.login('trader');
    [this.operator, this.userId] = [(await this.app.login('operator')).token, trader.userId];
    await this.app
      .get(InstrumentImporter)
      .import(bytesOf(kiteCsv(contracts(4))), { broker: 'zerodha', source: 'made' });
    const listed = await this.app
      .get(Database)
      .rows<{ id: string; key: string }>('SELECT id, instrument_key AS key FROM instruments ORDER BY id');
    this.keys = listed.map(({ key }) => key);
    for (const key of this.keys) await this.quote([key], '100.25');
    await this.rate('88.5');
    const rows = CURRENCIES.flatMap((_, pair) => [0, 1].map((side) => this.snapshot(pair, side, CASH, HELD)));
    await this.post('/v1/portfolios/snapshots', { snapshots: rows });
    const keysOf = (pair: number) => this.keys.filter((_, n) => n % 2 === pair);
    const panels = { portfolios: {}, positions: {}, quotes: { instrumentIds: listed.map(({ id }) => id) } };
    const tokens = [trader.token, this.operator];
    // A busy desk may still answer with the cut of before.
    const path = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(panels))}`;
    for (const token of tokens)
      await eventually(async () => {
        const { body } = await this.app.request('GET', path, { token });
        expect(Object.keys(body.panels.portfolios.rows)).toHaveLength(rows.length);
      });
    return {
      tokens,
      panels,
      constant: {
        cash: Object.fromEntries(CURRENCIES.map((currency) => [currency, 2 * CASH])),
        held: Object.fromEntries([0, 1].flatMap(keysOf).map((key) => [key, 2 * HELD])),
      },
    };
  }

  /** Writes until `stop()`. */
  async write(): Promise<void> {
    let seed = 7;
    const roll = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const price = () => `${1 + roll(200)}.${10 + roll(90)}`;
    const all = (work: () => Promise<unknown>) =>
      (async () => {
        while (!this.over) {
          await work();
          this.writes += 1;
          await pause(PACE_MS);
        }
      })();
    await Promise.all([
      ...CURRENCIES.map((_, pair) =>
        all(() => {
          const [cash, held] = [roll(CASH), roll(HELD)];
          const snapshots = [
            this.snapshot(pair, 0, cash, held),
            this.snapshot(pair, 1, 2 * CASH - cash, 2 * HELD - held),
          ];
          return this.post('/v1/portfolios/snapshots', { snapshots });
        }),
      ),
      all(() => this.quote(this.keys.filter(() => roll(2) === 0).concat(this.keys[0]!), price())),
      all(() => this.rate(price())),
    ]);
  }

  counts() {
    return { writes: this.writes };
  }

  async stop(writing: Promise<void>): Promise<void> {
    this.over = true;
    await writing;
  }

  private snapshot(pair: number, side: number, cash: number, held: number) {
    const positions = this.keys
      .filter((_, n) => n % 2 === pair)
      // Quotes are newer than this price whatever snapshot comes last.
      .map((key) => ({
        key,
        quantity: String(held),
        averagePrice: '90',
        lastPrice: '1',
        pricedAt: OPENED,
        previousClose: '95',
      }));
    const portfolioId = `${CURRENCIES[pair]}-${side}`;
    return {
      ...{ portfolioId, userId: this.userId, broker: 'zerodha', account: portfolioId, currency: CURRENCIES[pair] },
      ...{ asOf: this.now(), cash: String(cash), positions },
    };
  }

  private quote(keys: readonly string[], price: string) {
    const quotes = [...new Set(keys)].map((key) => ({ broker: 'zerodha', key, price, asOf: this.now() }));
    return this.post('/v1/quotes', { quotes });
  }

  private rate(price: string) {
    return this.post('/v1/rates', { rates: [{ base: 'USD', quote: 'INR', price, asOf: this.now() }] });
  }

  /** Later each time, so that no write is stale. */
  private now(): string {
    return new Date((this.clock += 1)).toISOString();
  }

  private async post(path: string, body: object): Promise<void> {
    const answer = await this.app.request('POST', path, { token: this.operator, body });
    if (answer.status >= 300 || answer.body.stale > 0 || answer.body.refused > 0)
      throw new Error(`a write was not stored: ${JSON.stringify(answer.body)}`);
  }
}
