import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import patcher from 'fast-json-patch';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { startApp } from '../../apps/api/start-app.js';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { eventually } from '../setup/eventually.js';
import { testEnvironment, testInternals } from '../setup/test-environment.js';
import { DeskFolder, type DeskProcess } from './desk-process.fixture.js';
import { askInto } from './sockets.fixture.js';

const ADMIN = {
  ...{ ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' },
  ...{ THROTTLING_MAX_BULK_WRITES: '1000000', THROTTLING_MAX_READS: '1000000' },
};
const WRITERS = 8;
const CASH = 1_000;
/** Only guards against hanging. */
const LIMIT_MS = 60_000;

interface Held {
  snapshot: { id: string };
  panels: Record<string, unknown>;
}
interface Stored {
  key: string;
  price: string;
  asOf: string;
}

/** A started desk with portfolios, whose quotes come over REST and sockets while it or its PostgreSQL is killed. */
export class KilledDesk {
  private readonly folder = new DeskFolder();
  /** The newest acknowledged quote of each key. Half of the keys have one quote only, so that none hides the loss of another. */
  private readonly acknowledged = new Map<string, { at: number; price: string }>();
  private acknowledgements = 0;
  private sent = 0;
  private keys: string[] = [];
  private windows = {};
  private token = '';
  private url = '';
  private desk!: DeskProcess;

  async start(): Promise<void> {
    const { desk, url } = await this.folder.running(ADMIN);
    [this.desk, this.url] = [desk, url];
    this.token = await this.signIn(url);
    if (this.keys.length === 0) await this.setUp();
  }

  /** Publishes quotes while `during` is done, and until more are acknowledged afterwards if the desk lives on. */
  async underQuotes(during: () => unknown, livesOn: boolean): Promise<void> {
    const stop = new AbortController();
    const writers = Array.from({ length: WRITERS }, (_, n) =>
      n % 2 ? this.post(stop.signal) : this.publish(stop.signal),
    );
    const moreThan = (count: number) =>
      eventually(() => expect(this.acknowledgements).toBeGreaterThan(count), LIMIT_MS);
    await moreThan(this.acknowledgements + 100);
    await during();
    if (livesOn) await moreThan(this.acknowledgements + 50);
    stop.abort();
    await Promise.all(writers);
  }

  async killDatabase(): Promise<void> {
    this.desk.stdout = this.desk.stderr = '';
    this.folder.killDatabase();
    await this.desk.says(/the embedded PostgreSQL runs again/);
  }

  async kill(): Promise<void> {
    this.desk.kill('SIGKILL');
    await this.desk.exit;
  }

  /** The negative control: PostgreSQL acknowledges commits before they are on disk. Takes effect with the next start. */
  async loseCommits(): Promise<void> {
    const client = new pg.Client(this.databaseUrl());
    await client.connect();
    await client.query('ALTER DATABASE deskwire SET synchronous_commit = off');
    await client.end();
    await this.kill();
    await this.start();
  }

  /** @returns a socket that applies deltas, whichever happens to the database */
  async watch(): Promise<{ held: Held; close: () => void }> {
    const socket = await this.connect('dashboard');
    const screen = { held: undefined as unknown as Held, close: () => void socket.disconnect() };
    const take = ({ snapshot, panels }: Held) => (screen.held = { snapshot, panels });
    const resync = () => socket.emit('dashboard:resync', take);
    socket.on('dashboard:snapshot', take);
    socket.on('dashboard:delta', ({ from, patch }) => {
      if (screen.held?.snapshot.id !== from) return resync();
      screen.held = patcher.applyPatch(screen.held, patch).newDocument;
    });
    await askInto(socket, 'dashboard:subscribe', { panels: this.windows }, take);
    return screen;
  }

  /** Every acknowledged quote is stored, and every portfolio is worth what the stored quotes say. */
  async expectNothingLost(): Promise<void> {
    const stored = await this.stored();
    expect(this.lostIn(stored)).toEqual([]);
    const { items } = await this.call(this.url, 'GET', '/v1/portfolios');
    const worth = this.keys.reduce((sum, key) => sum + Number(stored.get(key)!.price), CASH);
    expect(items.map(({ value }: { value: string }) => value)).toEqual(Array(3).fill(String(worth)));
  }

  /** Keys whose newest acknowledged quote is gone. */
  async lost(): Promise<string[]> {
    return this.lostIn(await this.stored());
  }

  /** All panels, whole and by windows, are those of a desk that has just started in this process, at the same snapshot id. */
  async expectPanelsOfFreshDesk(screen?: { held: Held }): Promise<void> {
    const secrets = JSON.parse(readFileSync(join(this.folder.home, 'secrets.json'), 'utf8'));
    const fresh = await startApp({ ...testEnvironment(this.databaseUrl(), ADMIN), ...secrets }, testInternals);
    const { url } = fresh;
    await fresh.ready;
    const token = await this.signIn(url);
    const whole = [...Object.keys(this.windows)].join(',');
    for (const panels of [whole, JSON.stringify(this.windows)])
      await eventually(async () => {
        const path = `/v1/dashboard?panels=${encodeURIComponent(panels)}`;
        const [ours, theirs] = await Promise.all([
          this.call(this.url, 'GET', path),
          this.call(url, 'GET', path, undefined, token),
        ]);
        // Positions meet once nothing is written between both answers. A transaction that no screen shows may move one id.
        expect(ours.snapshot.position).toBe(theirs.snapshot.position);
        expect(ours.panels).toEqual(theirs.panels);
        if (screen && panels !== whole) expect(screen.held).toEqual({ snapshot: ours.snapshot, panels: ours.panels });
      }, LIMIT_MS);
    await fresh.app.close();
  }

  remove(): void {
    this.folder.remove();
  }

  private async stored(): Promise<Map<string, Stored>> {
    const stored = new Map<string, Stored>();
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = `broker=zerodha&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = await this.call(this.url, 'GET', `/v1/quotes?${query}`);
      for (const quote of page.items as Stored[]) stored.set(quote.key, quote);
      cursor = page.nextCursor;
    }
    return stored;
  }

  private lostIn(stored: ReadonlyMap<string, Stored>): string[] {
    const lost = [...this.acknowledged].filter(([key, { at, price }]) => {
      const quote = stored.get(key);
      return !quote || Date.parse(quote.asOf) < at || (Date.parse(quote.asOf) === at && quote.price !== price);
    });
    return lost.map(([key]) => key);
  }

  private async setUp(): Promise<void> {
    const csv = kiteCsv(contracts(4));
    await this.call(this.url, 'POST', '/v1/instruments/imports?broker=zerodha', csv);
    const client = new pg.Client(this.databaseUrl());
    await client.connect();
    const { rows } = await client.query<{ id: string; key: string }>(
      'SELECT id, instrument_key AS key FROM instruments ORDER BY id',
    );
    await client.end();
    this.keys = rows.map(({ key }) => key);
    for (const portfolio of ['a', 'b', 'c']) {
      const positions = this.keys.map((key) => ({
        key,
        quantity: '1',
        averagePrice: '1',
        lastPrice: '1',
        previousClose: '1',
      }));
      await this.call(this.url, 'PUT', `/v1/portfolios/${portfolio}/snapshot`, {
        ...{ broker: 'zerodha', account: portfolio, asOf: new Date(Date.now() - 60_000).toISOString() },
        ...{ currency: 'INR', cash: String(CASH), positions },
      });
    }
    const named = { quotes: { instrumentIds: rows.map(({ id }) => id) } };
    const { panels } = await this.call(this.url, 'GET', '/v1/dashboard');
    const others = Object.fromEntries(Object.keys(panels).map((name) => [name, {}]));
    this.windows = {
      ...others,
      portfolios: { sort: '-value', limit: 2 },
      positions: { sort: 'value', limit: 5, offset: 2 },
      ...named,
    };
  }

  private databaseUrl(): string {
    const read = (name: string) => JSON.parse(readFileSync(join(this.folder.home, name), 'utf8'));
    return `postgres://deskwire:${read('postgres.json').password}@127.0.0.1:${read('owner.json').databasePort}/deskwire`;
  }

  /** A quote of a held contract beside one of a key of its own. */
  private message() {
    const number = ++this.sent;
    const at = Date.now() - 30_000 + number;
    const ticked = { key: this.keys[number % this.keys.length]!, price: String(1 + (number % 997)) };
    const quotes = [ticked, { key: `K${number}`, price: '1' }].map((quote) => ({
      ...{ broker: 'zerodha', asOf: new Date(at).toISOString() },
      ...quote,
    }));
    const acknowledge = () => {
      this.acknowledgements += 1;
      for (const { key, price } of quotes)
        if ((this.acknowledged.get(key)?.at ?? 0) < at) this.acknowledged.set(key, { at, price });
    };
    return { quotes, acknowledge };
  }

  /** Whatever fails may or may not be stored. The pauses of both loops pace their repetitions. */
  private async post(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { quotes, acknowledge } = this.message();
      const stored = await this.call(this.url, 'POST', '/v1/quotes', { quotes }).then(
        () => true,
        () => false,
      );
      if (stored) acknowledge();
      else await pause(20);
    }
  }

  private async publish(signal: AbortSignal): Promise<void> {
    const socket = await this.connect('quotes');
    while (!signal.aborted) {
      const { quotes, acknowledge } = this.message();
      const answer = await Promise.race([
        socket
          .timeout(5_000)
          .emitWithAck('quotes:publish', { quotes })
          .catch(() => undefined),
        new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true })),
      ]);
      if (answer !== undefined && answer.code === undefined) acknowledge();
      else await pause(20);
    }
    socket.disconnect();
  }

  private async connect(namespace: string): Promise<Socket> {
    const socket = io(`${this.url}/${namespace}`, {
      ...{ auth: { token: this.token }, transports: ['websocket'], reconnection: false, forceNew: true },
    });
    await new Promise((resolve, reject) => socket.once('connect', () => resolve(0)).once('connect_error', reject));
    return socket;
  }

  private async signIn(url: string): Promise<string> {
    const credentials = { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD };
    return (await this.call(url, 'POST', '/v1/auth/login', credentials, '')).accessToken;
  }

  private async call(
    url: string,
    method: string,
    path: string,
    body?: object | string,
    token = this.token,
  ): Promise<any> {
    const answer = await fetch(new URL(path, url), {
      method,
      headers: {
        ...{ 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json', 'cache-control': 'no-cache' },
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const content: any = await answer.json();
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${JSON.stringify(content)}`);
    return content;
  }
}

/** @param rounds how often the desk and its PostgreSQL are killed */
export async function killBoth(desk: KilledDesk, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await desk.start();
    const screen = await desk.watch();
    await desk.underQuotes(() => desk.killDatabase(), true);
    await desk.expectNothingLost();
    await desk.expectPanelsOfFreshDesk(screen);
    screen.close();
    await desk.underQuotes(() => desk.kill(), false);
    await desk.start();
    await desk.expectNothingLost();
    await desk.underQuotes(() => undefined, true);
    await desk.expectPanelsOfFreshDesk();
  }
}
