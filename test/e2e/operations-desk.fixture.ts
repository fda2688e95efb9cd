import { Egress } from '#egress';
import { Transactions } from '#database';
import { Filings } from '#filings';
import { type Role } from '#auth';
import { deliveriesConfig } from '#deliveries/config';
import { feedsConfig } from '#feeds/config';
import { kiteRow } from '../../libs/portfolios/exports/exports.fixture.js';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { made, rss } from '../integration/feeds/rss.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { OperationsContract, type GivenAnswer } from './operations-contract.fixture.js';

export type Login = Awaited<ReturnType<TestApp['login']>>;

/** One request by the name of its operation. */
export interface OperationRequest {
  as?: Role | 'nobody' | { token: string };
  path?: Record<string, string>;
  query?: Record<string, string | string[]>;
  /** JSON, or text of the type `type`. */
  body?: unknown;
  type?: string;
  headers?: Record<string, string>;
}

/** A request with the answer that it got. */
export interface Sent {
  request: Pick<OperationRequest, 'path' | 'query' | 'body' | 'type'>;
  status: number;
  type: string | null;
  body: unknown;
}

const MUCH = '1000000';

/** A desk with something of everything, and servers for what it calls: a feed, a broker and a receiver of webhooks. */
export class OperationsDesk {
  /** The first request of each operation that was sent here, by operation id. */
  readonly sent = new Map<string, Sent>();
  readonly failures: string[] = [];

  private constructor(
    readonly desk: TestApp,
    readonly contract: OperationsContract,
    readonly servers: FeedServer,
    readonly receiver: TestReceiver,
    readonly logins: Record<Role, Login>,
    /** A login that may end. */
    readonly spare: Login,
  ) {}

  static async start(): Promise<OperationsDesk> {
    const [servers, receiver] = await Promise.all([startFeedServer(), new TestReceiver().open()]);
    servers.on('/rss', rss(made(2)));
    servers.on('/positions', (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ status: 'success', data: { net: [kiteRow('HELIO', { quantity: 10 })], day: [] } })),
    );
    const desk = await startTestApp({
      env: {
        EGRESS_ALLOW_HOSTS: servers.host,
        PORTFOLIOS_BROKER_POSITIONS: `zerodha=kite ${servers.origin}/positions`,
        PORTFOLIOS_BROKER_AUTHORIZATION: 'zerodha=token KEY:{token}',
        THROTTLING_MAX_BULK_WRITES: MUCH,
        THROTTLING_MAX_LOGINS: MUCH,
      },
      internals: [deliveriesConfig.with({ pollMs: 50 }), feedsConfig.with({ pollMs: 60_000 })],
    });
    desk.get(Egress).allow(receiver.host);
    const contract = new OperationsContract((await desk.request('GET', '/openapi.json')).body);
    const logins = {
      admin: await desk.login('admin'),
      operator: await desk.login('operator'),
      trader: await desk.login('trader'),
      viewer: await desk.login('viewer'),
    };
    await desk.get(Transactions).atomic(() =>
      desk.get(Filings).register([
        {
          accession: '0001493152-25-027399',
          form: '8-K',
          filers: [{ cik: '1001', name: 'Helio Corp', role: 'Filer', ticker: 'HELO' }],
          filedOn: '2026-11-25',
          filedAt: new Date('2026-11-25T21:04:00Z'),
          items: ['5.02'],
          link: 'https://www.sec.gov/Archives/edgar/data/1001/0001493152-25-027399-index.htm',
        },
      ]),
    );
    return new OperationsDesk(desk, contract, servers, receiver, logins, await desk.login('trader'));
  }

  /** Sends a request, checks the answer against the document, and returns its body. @throws Error unless it succeeds */
  async send(id: string, request: OperationRequest = {}): Promise<any> {
    const { as: _as, headers: _headers, ...shown } = request;
    const answer = await this.ask(id, request);
    const type = answer.headers.get('content-type')?.split(';', 1)[0] ?? null;
    if (answer.status >= 400) throw new Error(`${id}: ${answer.status} ${answer.text}`);
    const body: unknown = type?.endsWith('json') && answer.text !== '' ? JSON.parse(answer.text) : answer.text;
    if (!this.sent.has(id)) this.sent.set(id, { request: shown, status: answer.status, type, body });
    for (const failure of this.contract.violations(this.contract.of(id), answer))
      this.failures.push(`${id}: ${failure}`);
    return body;
  }

  /** Sends a request and returns the answer, whatever it is. */
  async ask(
    id: string,
    { as = 'trader', path = {}, query = {}, body, type, headers }: OperationRequest,
  ): Promise<GivenAnswer> {
    const { method, path: template } = this.contract.of(id);
    const url = new URL(
      template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name]!)),
      this.desk.url,
    );
    for (const [name, values] of Object.entries(query))
      for (const value of [values].flat()) url.searchParams.append(name, value);
    const token = as === 'nobody' ? undefined : typeof as === 'string' ? this.logins[as].token : as.token;
    const contentType = type ?? 'application/json';
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': contentType }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  async close(): Promise<void> {
    await this.desk.close();
    await Promise.all([this.servers.close(), this.receiver.close()]);
  }
}
