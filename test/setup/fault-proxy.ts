import { connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * `refuse`: no listener. `hang`: accepts connections and never answers. `reset`: accepts and resets them. `pass`: forwards
 * to the server.
 */
export type ProxyMode = 'refuse' | 'hang' | 'reset' | 'pass';

/** A TCP proxy in front of a server that can refuse connections, stay silent, or answer slowly. */
export class FaultProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  /** Connections taken while the proxy was silent. */
  private readonly unanswered: Socket[] = [];
  private readonly target: URL;
  private mode: ProxyMode = 'hang';
  private port = 0;
  /** Delay of each chunk of the server's answers, in ms. */
  delayMs = 0;
  /** Size of the pieces in which answers are passed on; each piece has the delay. */
  pieceBytes = Infinity;

  /**
   * @param address URL of the server
   * @param rewrite changes the bytes of the server's answers. Their length must stay the same
   */
  constructor(
    private readonly address: string,
    private readonly rewrite: (answer: string) => string = (answer) => answer,
  ) {
    this.target = new URL(address);
    this.server = createServer((socket) => this.take(socket));
  }

  static start(address: string, mode: ProxyMode = 'pass'): Promise<FaultProxy> {
    return new FaultProxy(address).start(mode);
  }

  /** The URL of the server through this proxy. The port is the same in every mode. */
  get url(): string {
    const url = new URL(this.address);
    url.port = String(this.port);
    return url.href;
  }

  async start(mode: ProxyMode): Promise<this> {
    await this.become('hang');
    await this.become(mode);
    return this;
  }

  /** Closes all connections. `refuse` also ends the proxy. */
  async become(mode: ProxyMode): Promise<void> {
    this.mode = mode;
    for (const socket of this.sockets) if (mode === 'reset') socket.resetAndDestroy();
    for (const socket of this.sockets) socket.destroy();
    this.unanswered.length = 0;
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

  /** Forwards new connections, and never again what belongs to the frozen ones, as after a failover of an address. */
  abandon(): void {
    this.mode = 'pass';
    for (const socket of this.unanswered.splice(0)) if (!socket.destroyed) this.forward(socket);
  }

  private take(socket: Socket): void {
    this.follow(socket);
    if (this.mode === 'reset') socket.resetAndDestroy();
    else if (this.mode === 'hang') this.unanswered.push(socket.pause());
    else this.forward(socket);
  }

  private forward(socket: Socket): void {
    const upstream = this.follow(connect(Number(this.target.port), this.target.hostname));
    socket.pipe(upstream).pipe(this.answers()).pipe(socket);
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
  }

  private answers(): Transform {
    const passOn = (chunk: Buffer, push: (piece: Buffer) => void) =>
      this.passOn(Buffer.from(this.rewrite(chunk.toString('latin1')), 'latin1'), push);
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        void passOn(chunk, (piece) => this.push(piece)).then(() => done(), done);
      },
    });
  }

  private async passOn(bytes: Buffer, push: (piece: Buffer) => void): Promise<void> {
    if (this.delayMs === 0) {
      push(bytes);
      return;
    }
    const size = Math.min(this.pieceBytes, bytes.length);
    for (let at = 0; at < bytes.length; at += size) {
      await sleep(this.delayMs);
      push(bytes.subarray(at, at + size));
    }
  }

  private follow(socket: Socket): Socket {
    this.sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => this.sockets.delete(socket));
  }
}
