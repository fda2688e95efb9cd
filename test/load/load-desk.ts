import { Floor, PANELS, PASSWORD, type Trader } from '../../bench/floor/floor.js';
import { Cluster } from '../cluster/cluster.js';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { MEASURED } from '../setup/short-lived.js';
import type { LoadRequest } from './http-load.js';
import type { LoadSize } from './trading-day.js';

const MANY = '1000000000';
/** Quotes of one request. */
export const BATCH = 250;
const DASHBOARD = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(PANELS))}`;

/** A desk of one or more processes, filled with traders, and the requests that a load sends it. */
export class LoadDesk {
  private batches = 0;
  private nextKey = 0;
  private turn = 0;
  private news = 0;
  /** When the quotes of a batch were acknowledged. */
  readonly acknowledged = new Map<number, number>();
  /** When the opening of a portfolio, which raises an alert, was acknowledged. */
  readonly opened = new Map<string, number>();
  traders: Trader[] = [];

  private constructor(
    private readonly cluster: Cluster,
    private readonly floor: Floor,
    readonly receiver: Receiver,
  ) {}

  static async start(databaseUrl: string, size: LoadSize, processes: number, redisUrl?: string): Promise<LoadDesk> {
    const cluster = await Cluster.start(processes, {
      ...MEASURED,
      ...{ DATABASE_URL: databaseUrl, ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: PASSWORD },
      ...{ THROTTLING_MAX_LOGINS: '1000000', THROTTLING_MAX_READS: MANY, THROTTLING_MAX_WRITES: MANY },
      ...{ THROTTLING_MAX_BULK_WRITES: MANY, HTTP_MAX_PER_ADDRESS: '20000' },
      ...{ REALTIME_MAX_CONNECTIONS: '20000', REALTIME_MAX_PER_USER: '20000', SHUTDOWN_LAME_DUCK: '0s' },
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    });
    const floor = new Floor(
      { ...size, watched: Math.min(100, size.instruments), portfolios: 2, positions: Math.min(10, size.instruments) },
      databaseUrl,
    );
    floor.url = cluster.urlOf(0);
    const desk = new LoadDesk(cluster, floor, await Receiver.start());
    await floor.addInstruments('K', size.instruments);
    await floor.enter();
    desk.traders = await floor.addTraders('trader', size.traders);
    await desk.sendAlertsToReceiver();
    return desk;
  }

  get urls(): string[] {
    return this.cluster.pids.map((_, at) => this.cluster.urlOf(at));
  }

  /** Processor time so far, in ms. */
  cpu(): { desk: number; postgres: number } {
    const desk = this.cluster.pids.reduce((sum, pid) => sum + this.floor.processMs(pid), 0);
    return { desk, postgres: this.floor.postgresMs };
  }

  /** A trader's dashboard or list of portfolios, in turn. */
  read = (): LoadRequest => {
    const { token } = this.traders[this.turn++ % this.traders.length]!;
    return { method: 'GET', path: this.turn % 4 === 0 ? '/v1/portfolios' : DASHBOARD, token };
  };

  /** The digits after the point of a price are the number of its batch and a 1, which no server would cut off. */
  quotes = (): LoadRequest => {
    const batch = ++this.batches;
    const digits = `${String(batch).padStart(6, '0')}1`;
    const asOf = new Date().toISOString();
    const quotes = Array.from({ length: BATCH }, () => {
      const n = this.nextKey++;
      return {
        broker: 'bench',
        key: `K${n % this.floor.size.instruments}`,
        price: `${100 + (n % 50)}.${digits}`,
        asOf,
      };
    });
    const answered = (ok: boolean) => void (ok && this.acknowledged.set(batch, performance.now()));
    return { method: 'POST', path: '/v1/quotes', token: this.floor.operator, body: { quotes }, answered };
  };

  /** Opens a portfolio, which raises an alert. */
  openPortfolio = (): LoadRequest => {
    const id = `news-${++this.news}`;
    const body = {
      broker: 'bench',
      account: id,
      currency: 'INR',
      cash: '1000',
      positions: [],
      asOf: new Date().toISOString(),
    };
    const answered = (ok: boolean) => void (ok && this.opened.set(id, performance.now()));
    return { method: 'PUT', path: `/v1/portfolios/${id}/snapshot`, token: this.floor.operator, body, answered };
  };

  /** What a trader's screen should show now. */
  async dashboardOf({ token }: Trader): Promise<{ snapshot: { id: string }; panels: object }> {
    return this.floor.call('GET', DASHBOARD, undefined, token);
  }

  /** Portfolios that the receiver was told of, with the time, as often as it was told. */
  told(): { id: string; at: number }[] {
    return this.receiver.receipts.flatMap(({ body, at }) => {
      const id = /"portfolioId":"(news-\d+)"/.exec(body)?.[1];
      return id === undefined ? [] : [{ id, at }];
    });
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.receiver.stop();
  }

  private async sendAlertsToReceiver(): Promise<void> {
    const { operator } = this.floor;
    const { id } = await this.floor.call(
      'POST',
      '/v1/webhooks',
      { url: `${this.receiver.url}/alerts`, desk: true },
      operator,
    );
    const rule = {
      ...{ name: 'Portfolios that are opened', severity: 'info', channels: [id], scope: 'desk' },
      condition: { op: 'equals', field: 'type', value: 'PortfolioOpened' },
      message: { title: 'Portfolio {{payload.portfolioId}}' },
    };
    await this.floor.call('POST', '/v1/alert-rules', rule, operator);
  }
}
