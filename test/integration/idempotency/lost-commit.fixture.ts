import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands in front of PostgreSQL. Once armed, it lets the next COMMIT through and cuts the line before the answer to it is back. */
export class LostCommit {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private armed = false;

  constructor(private readonly database: string) {
    this.server = createServer((client) => this.take(client));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const url = new URL(this.database);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as { port: number }).port);
    return url.href;
  }

  arm(): void {
    this.armed = true;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(client: Socket): void {
    const target = new URL(this.database);
    const upstream = connect(Number(target.port), target.hostname);
    let cut = false;
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => [client, upstream].forEach((other) => other.destroy()));
    }
    client.on('data', (bytes) => {
      // As a whole statement: READ COMMITTED is no commit.
      if (this.armed && bytes.includes('COMMIT\0')) {
        this.armed = false;
        cut = true;
      }
      upstream.write(bytes);
    });
    // PostgreSQL's answer has come, so it is committed; the client never learns.
    upstream.on('data', (bytes) => (cut ? client.destroy() : client.write(bytes)));
  }
}
