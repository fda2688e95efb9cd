import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Receipt {
  id: string;
  headers: IncomingHttpHeaders;
  body: string;
  verified: boolean;
}

/** A receiver as docs/webhooks.md describes it: verifies with the library, keeps ids, and gives the answers of the test. */
export class TestReceiver {
  readonly receipts: Receipt[] = [];
  /** Bodies by message id, one per id. */
  readonly effects = new Map<string, string>();
  secrets: string[] = [];
  answer: () => { status: number; headers?: Record<string, string>; body?: string } = () => ({
    status: 200,
    body: 'ok',
  });
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const receipt = {
        id: String(request.headers['webhook-id']),
        headers: request.headers,
        body,
        verified: this.verifies(request.headers, body),
      };
      this.receipts.push(receipt);
      const { status, headers = {}, body: said = '' } = this.answer();
      if (receipt.verified && status < 300) this.effects.set(receipt.id, body);
      response.writeHead(status, headers).end(said);
    });
  });

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}/hook/secret-path`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private verifies(headers: IncomingHttpHeaders, body: string): boolean {
    return this.secrets.some((secret) => {
      try {
        new Webhook(secret).verify(body, headers as Record<string, string>, { jsonParse: false });
        return true;
      } catch {
        return false;
      }
    });
  }
}
