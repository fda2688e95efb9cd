import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { Agent } from 'undici';
import { Receiver } from '../integration/deliveries/receiver.fixture.js';
import { ADMIN } from './cluster.js';

/** What the users of a cluster saw since the last report. */
export interface Report {
  requests: number;
  /** One line a failed request. */
  failures: string[];
  /** Longest and 99th percentile of the answered requests, ms. */
  slowestMs: number;
  p99Ms: number;
  /** Times from the loss of a socket until it was subscribed again, longest first, ms. */
  awayMs: number[];
}

const CALLERS = 16;
const PORTFOLIO = { broker: 'zerodha', currency: 'INR', cash: '1000', positions: [] };

/**
 * Users of a cluster, through its balancer: some that read the dashboard, some that open portfolios, and screens on sockets.
 * Each portfolio that is opened raises an alert, which goes to a webhook of the receiver.
 */
export class ClusterLoad {
  private readonly agent = new Agent({ connections: CALLERS, keepAliveTimeout: 60_000 });
  private readonly sockets: Socket[] = [];
  private readonly away = new Map<Socket, number>();
  private readonly opened: string[] = [];
  private running: Promise<unknown>[] = [];
  private stopped = false;
  private token = '';
  private times: number[] = [];
  private failures: string[] = [];
  private awayMs: number[] = [];

  private constructor(
    private readonly url: string,
    readonly receiver: Receiver,
  ) {}

  /** Signs in, and has an alert for each portfolio that is opened go to the receiver. */
  static async prepare(url: string): Promise<ClusterLoad> {
    const load = new ClusterLoad(url, await Receiver.start());
    const { accessToken } = await load.expect('POST', '/v1/auth/login', 200, ADMIN);
    load.token = accessToken as string;
    const { id } = await load.expect('POST', '/v1/webhooks', 201, { url: `${load.receiver.url}/alerts`, desk: true });
    await load.expect('POST', '/v1/alert-rules', 201, {
      name: 'Portfolios that are opened',
      severity: 'info',
      condition: { op: 'equals', field: 'type', value: 'PortfolioOpened' },
      message: { title: 'Portfolio {{payload.portfolioId}}' },
      channels: [id],
      scope: 'desk',
    });
    return load;
  }

  /** Opens the sockets and begins to send requests, `perSecond` in all. @returns when every socket is subscribed */
  async begin(sockets: number, perSecond: number): Promise<void> {
    await Promise.all(Array.from({ length: sockets }, () => this.open()));
    const everyMs = (CALLERS * 1_000) / perSecond;
    this.running = Array.from({ length: CALLERS }, async (_, caller) => {
      for (let turn = 0; !this.stopped; turn += 1) {
        const due = performance.now() + everyMs;
        // Few open portfolios: what a screen of all of them costs grows with their number.
        if (caller % 8 === 0) await this.openPortfolio(`${caller}-${turn}`);
        else await this.ask('GET', '/v1/dashboard?panels=portfolios');
        await sleep(Math.max(0, due - performance.now()));
      }
    });
  }

  /** What happened since the last report. */
  report(): Report {
    const { times, failures, awayMs } = this;
    const sorted = times.sort((a, b) => a - b);
    [this.times, this.failures, this.awayMs] = [[], [], []];
    return {
      requests: sorted.length + failures.length,
      failures,
      slowestMs: Math.round(sorted.at(-1) ?? 0),
      p99Ms: Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0),
      awayMs: awayMs.map(Math.round).sort((a, b) => b - a),
    };
  }

  /** Requests that were answered since the last report. */
  get answered(): number {
    return this.times.length;
  }

  /** Sockets that are not subscribed now. */
  get missing(): number {
    return this.away.size;
  }

  /** Ends the requests. @returns the portfolios whose opening was acknowledged */
  async end(): Promise<string[]> {
    this.stopped = true;
    await Promise.all(this.running);
    return this.opened;
  }

  /** The portfolios that the receiver was told of, as often as it was told. */
  told(): string[] {
    return this.receiver.receipts.flatMap(({ body }) => /"portfolioId":"([^"]+)"/.exec(body)?.[1] ?? []);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.disconnect();
    await this.agent.close();
    await this.receiver.stop();
  }

  private async openPortfolio(id: string): Promise<void> {
    const body = { ...PORTFOLIO, account: id, asOf: new Date().toISOString() };
    if (await this.ask('PUT', `/v1/portfolios/${id}/snapshot`, body)) this.opened.push(id);
  }

  /** @returns whether it was answered with 2xx */
  private async ask(method: string, path: string, body?: object): Promise<boolean> {
    const began = performance.now();
    try {
      const { response, text } = await this.answerTo(method, path, body);
      if (response.ok) this.times.push(performance.now() - began);
      else this.failures.push(`${method} ${path}: ${response.status} ${text}`);
      return response.ok;
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error };
      this.failures.push(`${method} ${path}: ${cause?.message ?? message}`);
      return false;
    }
  }

  /**
   * Sends a request, and again if the rows were locked, as docs/errors.md says. Both openers add to one quota, and on a busy
   * machine one of them may stop for seconds while it holds the lock.
   */
  private async answerTo(method: string, path: string, body?: object): Promise<{ response: Response; text: string }> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.send(method, path, body);
      const text = await response.text();
      if (!text.includes('"DATABASE_LOCKED"') || attempt === 5) return { response, text };
      await sleep(Number(response.headers.get('retry-after')) * 1_000);
    }
  }

  private async expect(method: string, path: string, status: number, body: object): Promise<Record<string, unknown>> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (response.status !== status) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  private send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(new URL(path, this.url), {
      method,
      dispatcher: this.agent,
      headers: {
        ...(this.token === '' ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    } as RequestInit);
  }

  /** A screen, which does as docs/dashboard.md says when the server goes away. */
  private open(): Promise<void> {
    const subscribed = Promise.withResolvers<void>();
    const options = { transports: ['websocket'], auth: { token: this.token }, forceNew: true, reconnectionDelay: 100 };
    const socket = io(`${this.url}/dashboard`, { ...options, reconnectionDelayMax: 1_000 });
    let comeBackInMs = 0;
    socket.on('server:draining', ({ reconnectInMs }: { reconnectInMs: number }) => (comeBackInMs = reconnectInMs));
    socket.on('disconnect', (reason) => {
      if (this.stopped) return;
      this.away.set(socket, performance.now());
      if (reason === 'io server disconnect') setTimeout(() => socket.connect(), comeBackInMs);
    });
    socket.on('connect', () =>
      socket.timeout(60_000).emit('dashboard:subscribe', { panels: ['portfolios'] }, (error: unknown) => {
        if (error) return;
        const since = this.away.get(socket);
        this.away.delete(socket);
        if (since !== undefined) this.awayMs.push(performance.now() - since);
        subscribed.resolve();
      }),
    );
    socket.on('connect_error', (error) => {
      // A refusal says when to come back. After a loss of the connection the socket connects again by itself.
      const { retryAfterMs } = (error as Error & { data?: { retryAfterMs?: number } }).data ?? {};
      if (retryAfterMs !== undefined && !this.stopped) setTimeout(() => socket.connect(), retryAfterMs);
    });
    this.sockets.push(socket);
    return subscribed.promise;
  }
}
