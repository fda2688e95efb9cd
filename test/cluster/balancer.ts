import { connect, createServer, type Server, type Socket } from 'node:net';

const CHECK_MS = 100;
/** Longest wait of a connection while no backend is ready. */
const PATIENCE_MS = 10_000;

interface Backend {
  url: URL;
  ready: boolean;
}

/**
 * A small TCP balancer, as stands in front of a desk of several processes. It gives each new connection to the next backend
 * whose `GET /health/ready` answers 200, and knows nothing of HTTP, sessions or sockets: no stickiness.
 */
export class Balancer {
  private readonly server: Server = createServer({ allowHalfOpen: true }, (client) => void this.pass(client));
  private readonly backends = new Map<string, Backend>();
  private readonly sockets = new Set<Socket>();
  private readonly stopped = new AbortController();
  private checking: Promise<void> = Promise.resolve();
  private turn = 0;

  static async start(port = 0): Promise<Balancer> {
    const balancer = new Balancer();
    await new Promise<void>((resolve, reject) =>
      balancer.server.once('error', reject).listen(port, '127.0.0.1', resolve),
    );
    balancer.checking = balancer.checkForever();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  add(url: string): void {
    this.backends.set(url, { url: new URL(url), ready: true });
  }

  remove(url: string): void {
    this.backends.delete(url);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await this.checking;
  }

  private async pass(client: Socket): Promise<void> {
    this.follow(client).pause();
    const until = Date.now() + PATIENCE_MS;
    while (!client.destroyed && !this.stopped.signal.aborted && Date.now() < until) {
      const backend = this.next();
      const upstream = backend && (await this.reach(backend.url));
      if (upstream !== undefined) {
        // Half-open: a side that has sent all may still read.
        client.pipe(upstream).pipe(client);
        client.once('close', () => upstream.destroy());
        upstream.once('close', () => client.destroy());
        return;
      }
      if (backend === undefined) await new Promise((resolve) => setTimeout(resolve, CHECK_MS / 4));
      else backend.ready = false;
    }
    client.destroy();
  }

  /** The ready backends in turn. */
  private next(): Backend | undefined {
    const ready = [...this.backends.values()].filter((backend) => backend.ready);
    return ready[this.turn++ % ready.length];
  }

  private reach(url: URL): Promise<Socket | undefined> {
    return new Promise((resolve) => {
      const upstream = connect({ port: Number(url.port), host: url.hostname, allowHalfOpen: true });
      upstream.once('connect', () => resolve(this.follow(upstream))).once('error', () => resolve(undefined));
    });
  }

  private async checkForever(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      await Promise.all([...this.backends.values()].map((backend) => this.check(backend)));
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
  }

  private async check(backend: Backend): Promise<void> {
    const signal = AbortSignal.any([this.stopped.signal, AbortSignal.timeout(2_000)]);
    // A connection of its own each time: one that is kept would hide that the backend accepts no more.
    const asked = fetch(new URL('/health/ready', backend.url), { signal, headers: { connection: 'close' } });
    const answer = await asked.catch(() => undefined);
    await answer?.body?.cancel();
    backend.ready = answer?.status === 200;
  }

  private follow(socket: Socket): Socket {
    this.sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => this.sockets.delete(socket));
  }
}
