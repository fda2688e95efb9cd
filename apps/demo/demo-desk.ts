import { randomBytes } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { type Principal, UsersService } from '#auth';
import { InstrumentImporter, InstrumentsService, ImportsService, WatchlistService } from '#instruments';
import { PortfoliosRepository, QuotesRepository, QuotesService, SnapshotsService } from '#portfolios';
import { SessionsService } from '#sessions';
import { type DemoLogin, type DemoPasswords, ensureDemoAccounts } from './demo-accounts.js';
import type { DemoAlerting } from './demo-alerting.js';
import { DemoBook } from './demo-book.js';
import { type DemoContract, demoMaster } from './demo-master.js';
import { DemoMarket } from './demo-market.js';
import {
  DEMO_BROKERS,
  DEMO_OPERATOR,
  DEMO_PORTFOLIOS,
  DEMO_SESSIONS,
  DEMO_USERS,
  DEMO_WATCHLIST_LENGTH,
} from './demo-plan.js';
import { SeededRandom } from './seeded-random.js';

const MOVES_A_TICK = 6;

/** The demo desk. It calls the same services as requests, so their rules apply to it. */
export class DemoDesk {
  private readonly random = new SeededRandom(20_260_817);
  private markets: DemoMarket[] = [];
  private books: DemoBook[] = [];
  private readonly renewals = new Map<(typeof DEMO_SESSIONS)[number], number>();
  private ids = new Map<string, string>();

  /** @param alerting newswire, rule and receiver; without them the demo only holds and trades */
  constructor(
    private readonly context: INestApplicationContext,
    private readonly alerting?: DemoAlerting,
  ) {}

  /** Creates the missing users. Call it first. */
  async openAccounts(passwords: DemoPasswords): Promise<DemoLogin[]> {
    const { ids, logins } = await ensureDemoAccounts(this.get(UsersService), passwords);
    this.ids = ids;
    return logins;
  }

  /** Creates the other missing data; on a loaded desk it only reads. Can be repeated after a failure. */
  async load(now: Date): Promise<void> {
    this.markets = [];
    this.books = [];
    for (const broker of DEMO_BROKERS) {
      const { csv, traded } = demoMaster(broker, now);
      const imported = await this.importOnceAMonth(broker, csv, now);
      await this.openBroker(broker, traded, now);
      if (imported) await this.follow(broker);
    }
    await this.renewSessions(now);
    await this.alerting?.open(this.operator(now), now);
  }

  /** Publishes changed quotes. */
  async moveQuotes(now: Date): Promise<void> {
    for (const market of this.markets) await this.get(QuotesService).post(market.move(MOVES_A_TICK, now));
  }

  /** Publishes an item on the newswire. */
  publishNews(now: Date): void {
    this.alerting?.publish(now);
  }

  /** Fills an order in one of the portfolios. */
  async fill(now: Date): Promise<void> {
    const book = this.random.pick(this.books);
    const { prices } = this.marketOf(book.plan.broker);
    book.fill(prices, this.random);
    await this.store([book], now);
  }

  /** Opens new broker sessions some time after the old ones have expired. */
  async renewSessions(now: Date): Promise<void> {
    for (const session of DEMO_SESSIONS) {
      const { owner, broker, account, lifetimeMs, restMs } = session;
      if ((this.renewals.get(session) ?? 0) > now.getTime()) continue;
      const expiresAt = new Date(now.getTime() + lifetimeMs);
      await this.get(SessionsService).save(this.ids.get(owner)!, {
        broker,
        account,
        accessToken: `demo-${randomBytes(24).toString('base64url')}`,
        loginMethod: 'totp',
        expiresAt: expiresAt.toISOString(),
        details: { madeBy: 'the demo desk' },
      });
      this.renewals.set(session, expiresAt.getTime() + restMs);
    }
  }

  private async importOnceAMonth(broker: string, csv: string, now: Date): Promise<boolean> {
    const source = `demo-${now.toISOString().slice(0, 7)}.csv`;
    const [latest] = await this.get(ImportsService).list({ brokers: [broker], sort: '-createdAt', limit: 1 });
    if (latest?.source === source) return false;
    // Forced, because after a month a third of the contracts has expired.
    await this.get(InstrumentImporter).import(bytesOf(csv), {
      broker,
      source,
      force: true,
      demo: true,
      userId: this.ids.get(DEMO_OPERATOR)!,
    });
    return true;
  }

  private async openBroker(broker: string, traded: readonly DemoContract[], now: Date): Promise<void> {
    const random = new SeededRandom(broker.length * 1_009);
    const kept = await this.get(QuotesRepository).list(broker, null, null, 10_000);
    const opened: DemoBook[] = [];
    const books: DemoBook[] = [];
    for (const plan of DEMO_PORTFOLIOS.filter((one) => one.broker === broker)) {
      const fresh = DemoBook.opened(plan, traded, random);
      const stored = await this.get(PortfoliosRepository).find(plan.portfolioId);
      const resumed = stored && DemoBook.resumed(plan, traded, stored);
      books.push(resumed ?? fresh);
      if (!resumed) opened.push(fresh);
    }
    const held = new Map(books.flatMap((book) => book.contracts).map((contract) => [contract.key, contract]));
    const market = new DemoMarket(broker, [...held.values()], kept, this.random);
    this.markets.push(market);
    this.books.push(...books);
    if (opened.length === 0) return;
    await this.get(QuotesService).post(market.all(now));
    await this.store(opened, now);
  }

  /** Follows the held contracts, since their prices change. */
  private async follow(broker: string): Promise<void> {
    const random = new SeededRandom(broker.length);
    const held = this.books.filter(({ plan }) => plan.broker === broker).flatMap(({ contracts }) => contracts);
    for (const { email } of DEMO_USERS.filter((user) => user.role !== 'viewer')) {
      for (let i = 0; i < DEMO_WATCHLIST_LENGTH; i++) {
        const { symbol } = random.pick(held);
        const [found] = await this.get(InstrumentsService).search({ query: symbol, broker }, 1);
        if (found) await this.get(WatchlistService).follow(this.ids.get(email)!, found.id);
      }
    }
  }

  private async store(books: readonly DemoBook[], now: Date): Promise<void> {
    const snapshots = books.map((book) =>
      book.snapshot(this.marketOf(book.plan.broker).prices, this.ids.get(book.plan.owner)!, now),
    );
    const statuses = await this.get(SnapshotsService).store(this.operator(now), snapshots);
    const refused = statuses.find(({ status }) => status === 'refused');
    if (refused) throw new Error(`The demo portfolio ${refused.portfolioId} was refused: ${refused.detail}`);
  }

  private operator(now: Date): Principal {
    return {
      userId: this.ids.get(DEMO_OPERATOR)!,
      roles: ['operator'],
      loginId: 'demo',
      expiresAt: new Date(now.getTime() + 60_000),
      via: 'login',
    };
  }

  private marketOf(broker: string): DemoMarket {
    return this.markets.find((market) => market.broker === broker)!;
  }

  private get<T>(service: abstract new (...args: never[]) => T): T {
    return this.context.get<T>(service as never, { strict: false });
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
