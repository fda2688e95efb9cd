import patcher from 'fast-json-patch';
import type { Socket } from 'socket.io-client';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const PORTFOLIOS = 50;
const EACH = 1_000_000;
const WRITERS = 5;
const CLIENTS = 20;
/** Minimum number of cuts that each client must have in common with REST. */
const COMMON = 10;
/** Minimum number of deltas per client before the test ends, so that it tests more than full cuts. */
const DELTAS = 10;

interface Document {
  snapshot: { id: string; position: number };
  panels: { portfolios: { items: { portfolioId: string; cash: string }[]; totals: { cash: string }[] } };
}

/** A socket client as a user would write it: a full cut, then deltas. Keeps its content at each id as text. */
class Client {
  held: Document | undefined;
  deltas = 0;
  fulls = 0;
  readonly faults: string[] = [];
  readonly at = new Map<string, string>();

  constructor(
    readonly socket: Socket,
    private readonly check: (document: Document) => string | undefined,
  ) {
    socket.on('dashboard:snapshot', (body) => this.take(body));
    socket.on('dashboard:delta', ({ from, to, patch }) => {
      if (from !== this.held?.snapshot.id)
        return this.faults.push(`a delta from ${from} to one who holds ${this.held?.snapshot.id}`);
      this.held = patcher.applyPatch(this.held, patch, true).newDocument!;
      if (this.held.snapshot.id !== to) this.faults.push(`a delta to ${to} ended at ${this.held.snapshot.id}`);
      this.deltas++;
      this.keep();
    });
  }

  take({ snapshot, panels }: Document): void {
    this.held = { snapshot, panels };
    this.fulls++;
    this.keep();
  }

  private keep(): void {
    const fault = this.check(this.held!);
    if (fault) this.faults.push(fault);
    this.at.set(this.held!.snapshot.id, JSON.stringify(this.held));
  }
}

describe('one consistent cut', () => {
  let app: TestApp;
  let operator: string;
  let trader: { token: string; userId: string };
  const name = (at: number) => `p${String(at).padStart(2, '0')}`;
  let clock = Date.parse('2026-11-02T03:45:00Z');
  const snapshot = (at: number, cash: number) => ({
    portfolioId: name(at),
    userId: trader.userId,
    broker: 'zerodha',
    account: name(at),
    currency: 'INR',
    asOf: new Date((clock += 1)).toISOString(),
    cash: `${cash}.00`,
    positions: [],
  });
  const store = async (...snapshots: object[]) => {
    const { status, body } = await app.request('POST', '/v1/portfolios/snapshots', {
      token: operator,
      body: { snapshots },
    });
    if (status !== 200 || body.stale > 0) throw new Error(`a write was not stored: ${JSON.stringify(body)}`);
  };

  beforeAll(async () => {
    app = await startTestApp({ env: { THROTTLING_MAX_BULK_WRITES: '1000000', THROTTLING_MAX_READS: '10000000' } });
    operator = (await app.login('operator')).token;
    trader = await app.login('trader');
    await store(...Array.from({ length: PORTFOLIOS }, (_, at) => snapshot(at, EACH)));
  });
  afterAll(() => app.close());

  it('totals are exact and sockets and REST agree at every id while cash moves', async () => {
    const total = String(PORTFOLIOS * EACH);
    const check = ({ snapshot: { id }, panels: { portfolios } }: Document) => {
      const sum = portfolios.items.reduce((cents, { cash }) => cents + BigInt(cash.replace('.', '')), 0n);
      if (portfolios.items.length !== PORTFOLIOS) return `${portfolios.items.length} portfolios at ${id}`;
      if (portfolios.totals[0]!.cash !== total) return `a total of ${portfolios.totals[0]!.cash} at ${id}`;
      return sum === BigInt(total) * 100n ? undefined : `items that sum to ${sum} at ${id}`;
    };
    const clients = Array.from(
      { length: CLIENTS },
      (_, at) => new Client(app.socket(at % 2 === 0 ? operator : trader.token), check),
    );
    await Promise.all(
      clients.map(
        ({ socket }) =>
          new Promise((resolve, reject) => socket.on('connect', () => resolve(undefined)).on('connect_error', reject)),
      ),
    );
    await Promise.all(
      clients.map(async (client) =>
        client.take(
          await client.socket
            .timeout(60_000)
            .emitWithAck('dashboard:subscribe', { panels: ['portfolios', 'sessions'] }),
        ),
      ),
    );

    const answers = new Map<string, string>();
    const common = ({ at }: Client) => [...at.keys()].filter((id) => answers.has(id));
    let moves = 0;
    let ended = false;
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      const mine = PORTFOLIOS / WRITERS;
      const cash = Array.from({ length: mine }, () => EACH);
      for (let step = 0; !ended; step++) {
        const [from, to] = [step % mine, (step * 7 + 3) % mine];
        if (from === to) continue;
        const amount = 1 + (step % 997);
        cash[from]! -= amount;
        cash[to]! += amount;
        await store(snapshot(writer * mine + from, cash[from]!), snapshot(writer * mine + to, cash[to]!));
        moves++;
      }
    });
    const faults: string[] = [];
    const readers = [operator, trader.token].map(async (token, at) => {
      while (!ended) {
        const headers: Record<string, string> = at === 0 ? {} : { 'cache-control': 'no-cache' };
        const { status, body } = await app.request<Document>('GET', '/v1/dashboard?panels=portfolios,sessions', {
          token,
          headers,
        });
        if (status !== 200) faults.push(`REST answered ${status}`);
        const fault = check(body);
        if (fault) faults.push(fault);
        answers.set(body.snapshot.id, JSON.stringify({ snapshot: body.snapshot, panels: body.panels }));
        ended =
          faults.length > 0 ||
          (moves > 50 && clients.every((client) => client.deltas > DELTAS && common(client).length >= COMMON));
      }
    });
    await Promise.all([...writers, ...readers]);
    const { body: last } = await app.request<Document>('GET', '/v1/dashboard?panels=portfolios,sessions', {
      token: operator,
      headers: { 'cache-control': 'no-cache' },
    });
    answers.set(last.snapshot.id, JSON.stringify({ snapshot: last.snapshot, panels: last.panels }));
    await eventually(() => clients.forEach(({ held }) => expect(held!.snapshot.id).toBe(last.snapshot.id)));

    expect([...faults, ...clients.flatMap((client) => client.faults)]).toEqual([]);
    for (const client of clients) {
      for (const id of common(client)) expect(JSON.parse(client.at.get(id)!)).toEqual(JSON.parse(answers.get(id)!));
      expect(client.fulls).toBe(1);
      expect(client.deltas).toBeGreaterThan(DELTAS);
    }
  });
});
