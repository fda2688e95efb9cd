import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** `refuse`: no listener. `hang`: accepts connections and never answers. `pass`: forwards to PostgreSQL. */
export type ProxyMode = 'refuse' | 'hang' | 'pass';

/** A proxy in front of PostgreSQL that can refuse connections or stay silent. */
export class TcpProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Connections taken while the proxy was silent. */
  private readonly unanswered: Socket[] = [];
  private readonly target: URL;
  private mode: ProxyMode = 'hang';
  private port = 0;

  /** @param rewrite changes the bytes of PostgreSQL's answers. Their length must stay the same */
  constructor(
    private readonly database: string,
    private readonly rewrite: (answer: string) => string = (answer) => answer,
  ) {
    this.target = new URL(database);
    this.server = createServer((socket) => this.take(socket));
  }

  /** The URL of the database through this proxy. The port is the same in every mode. */
  get url(): string {
    const url = new URL(this.database);
    url.port = String(this.port);
    return url.href;
  }

  async start(mode: ProxyMode): Promise<this> {
    await this.become('hang');
    await this.become(mode);
    return this;
  }

  /** Closes all connections. */
  async become(mode: ProxyMode): Promise<void> {
    this.mode = mode;
    for (const socket of this.sockets) socket.destroy();
    if (mode === 'refuse' && this.server.listening) await new Promise((resolve) => this.server.close(resolve));
    if (mode !== 'refuse' && !this.server.listening) {
      await new Promise<void>((resolve, reject) =>
        this.server.once('error', reject).listen(this.port, '127.0.0.1', resolve),
      );
      this.port = (this.server.address() as { port: number }).port;
    }
  }

  /** Keeps all connections and forwards nothing, and takes new ones without an answer, until `thaw()`. */
  freeze(): void {
    this.mode = 'hang';
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    this.mode = 'pass';
    for (const socket of this.sockets) socket.resume();
    for (const socket of this.unanswered.splice(0)) if (!socket.destroyed) this.forward(socket);
  }

  private take(socket: Socket): void {
    this.follow(socket);
    if (this.mode === 'hang') this.unanswered.push(socket.pause());
    else this.forward(socket);
  }

  private forward(socket: Socket): void {
    const upstream = this.follow(connect(Number(this.target.port), this.target.hostname));
    socket.pipe(upstream).pipe(this.rewriter()).pipe(socket);
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
  }

  private rewriter(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) =>
        done(null, Buffer.from(this.rewrite(chunk.toString('latin1')), 'latin1')),
    });
  }

  private follow(socket: Socket): Socket {
    this.sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => this.sockets.delete(socket));
  }
}
