import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { type DemoItem, demoItem, demoRss } from './demo-news.js';
import { SeededRandom } from './seeded-random.js';

const KEPT = 40;
const MAX_BODY_BYTES = 1 << 20;

/** A request that the demo's receiver got. */
export interface DemoReceipt {
  id: string;
  verified: boolean;
  title: string;
}

/**
 * The external services of the demo on one loopback port: a newswire (`/news.xml`) and a receiver of webhooks
 * (`/hook`) that verifies every signature.
 */
export class DemoWire {
  private items: DemoItem[] = [];
  private readonly random = new SeededRandom(4_011);
  private count = 0;
  private signature: Webhook | undefined;

  private constructor(
    private readonly server: Server,
    private readonly onReceipt: (receipt: DemoReceipt) => void,
  ) {}

  static async open(onReceipt: (receipt: DemoReceipt) => void): Promise<DemoWire> {
    const server = createServer();
    const wire = new DemoWire(server, onReceipt);
    server.on('request', (request, response) => wire.answer(request, response));
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    server.unref();
    return wire;
  }

  /** `127.0.0.1:PORT` */
  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get feedUrl(): string {
    return `http://${this.host}/news.xml`;
  }

  get hookUrl(): string {
    return `http://${this.host}/hook`;
  }

  /** Sets the secret of the signatures. */
  expect(secret: string): void {
    this.signature = new Webhook(secret);
  }

  publish(now: Date): void {
    this.items = [demoItem(this.count++, this.random, now), ...this.items].slice(0, KEPT);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET' && request.url === '/news.xml') {
      response
        .writeHead(200, { 'content-type': 'application/rss+xml; charset=utf-8' })
        .end(demoRss(this.items, this.feedUrl));
      return;
    }
    if (request.method === 'POST' && request.url === '/hook') {
      this.receive(request).then(
        (status) => response.writeHead(status).end(),
        () => response.destroy(),
      );
      return;
    }
    response.writeHead(404).end();
  }

  private async receive(request: IncomingMessage): Promise<number> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of request as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > MAX_BODY_BYTES) return 413;
      pieces.push(piece);
    }
    const id = String(request.headers['webhook-id'] ?? '');
    try {
      const body = this.signature!.verify(Buffer.concat(pieces), request.headers as Record<string, string>) as {
        title?: unknown;
      };
      this.onReceipt({ id, verified: true, title: String(body.title ?? '') });
      return 204;
    } catch {
      this.onReceipt({ id, verified: false, title: '' });
      return 401;
    }
  }
}
