import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that the receiver has read completely. */
export interface Receipt {
  path: string;
  messageId: string;
  body: string;
  at: number;
}

export type Answer = (receipt: Receipt, response: ServerResponse) => void;

/** A real HTTP server that records its requests. It answers by path from `answers`, else 204. */
export class Receiver {
  readonly receipts: Receipt[] = [];
  readonly answers = new Map<string, Answer>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.keepAliveTimeout = 60_000;
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  of(path: string): Receipt[] {
    return this.receipts.filter((receipt) => receipt.path === `/${path}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    try {
      for await (const piece of request) pieces.push(piece as Buffer);
    } catch {
      return; // aborted, so not received
    }
    const receipt: Receipt = {
      path: request.url!,
      messageId: String(request.headers['webhook-id']),
      body: Buffer.concat(pieces).toString(),
      at: performance.now(),
    };
    this.receipts.push(receipt);
    const answer = this.answers.get(request.url!.slice(1));
    if (answer) answer(receipt, response);
    else response.writeHead(204).end();
  }
}
