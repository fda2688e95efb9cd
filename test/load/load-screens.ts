import jsonpatch, { type Operation } from 'fast-json-patch';
import { io, type Socket } from 'socket.io-client';
import { PANELS, type Trader } from '../../bench/floor/floor.js';

interface Document {
  snapshot: { id: string };
  panels: object;
}

/** A document, or a refusal with its code. */
type Answer = Document & { code?: string; retryAfterMs?: number };

interface Screen {
  socket: Socket;
  trader: Trader;
  /** Begin of the attempt to connect, while it is not subscribed. */
  since: number | undefined;
  /** Newest batch of quotes that it has shown. */
  newest: number;
  /** The document that it shows. Kept by each tenth screen only, since applying patches takes as long as the desk needs to make them. */
  held?: Document;
  follows: boolean;
}

export interface ScreensResult {
  /** [batch, time] of each screen. */
  arrivals: [number, number][];
  frames: number;
  subscribeMs: number[];
  refused: number;
}

/** Screens of traders: sockets that subscribe to a dashboard, and come back as docs/dashboard.md says. */
export class LoadScreens {
  private readonly screens: Screen[] = [];
  private result: ScreensResult = empty();
  private waiting: (() => void)[] = [];
  private stopped = false;
  /** Frames since the start. */
  frames = 0;

  constructor(
    private readonly urls: readonly string[],
    private readonly traders: readonly Trader[],
  ) {}

  /** Opens sockets, all at once. Resolves when each is subscribed. */
  open(count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) this.add(at);
    return this.allSubscribed();
  }

  /** Cuts all connections at once, as a proxy does that ends. Resolves when each socket is subscribed again. */
  lose(): Promise<void> {
    for (const { socket } of this.screens) socket.io.engine.close();
    return this.allSubscribed();
  }

  get subscribed(): number {
    return this.screens.filter(({ since }) => since === undefined).length;
  }

  get missing(): number {
    return this.screens.length - this.subscribed;
  }

  /** What was seen since the last call. */
  take(): ScreensResult {
    const { result } = this;
    this.result = empty();
    return result;
  }

  /** Screens whose document is kept, with their trader. */
  followers(): { trader: Trader; held: () => Document }[] {
    return this.screens
      .filter(({ follows }) => follows)
      .map((screen) => ({ trader: screen.trader, held: () => screen.held! }));
  }

  close(): void {
    this.stopped = true;
    for (const { socket } of this.screens) socket.disconnect();
  }

  private allSubscribed(): Promise<void> {
    return new Promise((resolve) => (this.waiting.push(resolve), this.settle()));
  }

  private settle(): void {
    if (this.missing === 0) for (const resolve of this.waiting.splice(0)) resolve();
  }

  private add(at: number): void {
    const trader = this.traders[at % this.traders.length]!;
    const socket = io(`${this.urls[at % this.urls.length]}/dashboard`, {
      ...{ auth: { token: trader.token }, transports: ['websocket'], forceNew: true },
      ...{ reconnectionDelay: 100, reconnectionDelayMax: 2_000 },
    });
    const screen: Screen = { socket, trader, since: performance.now(), newest: 0, follows: at % 10 === 0 };
    this.screens.push(screen);
    socket.on('connect', () => this.subscribe(screen));
    socket.on('disconnect', (reason) => {
      screen.since ??= performance.now();
      if (reason === 'io server disconnect') this.comeBack(screen, 1_000);
    });
    socket.on('connect_error', (error) => {
      const { retryAfterMs } = (error as Error & { data?: { retryAfterMs?: number } }).data ?? {};
      if (retryAfterMs === undefined) return; // socket.io tries again by itself
      this.result.refused += 1;
      this.comeBack(screen, retryAfterMs);
    });
    socket.on('dashboard:delta', (delta: { from: string; patch: Operation[] }) => this.apply(screen, delta));
    socket.on('dashboard:snapshot', (document: Document) => {
      if (screen.follows) screen.held = document;
    });
    socket.on('dashboard:heartbeat', ({ id }: { id: string }) => {
      if (screen.held !== undefined && screen.held.snapshot.id !== id) this.resync(screen);
    });
  }

  private comeBack({ socket }: Screen, afterMs: number): void {
    if (!this.stopped) setTimeout(() => socket.connect(), afterMs);
  }

  /** Takes the answer as it comes: a promise would take it after a delta that came with it. */
  private subscribe(screen: Screen): void {
    const { socket } = screen;
    socket.timeout(60_000).emit('dashboard:subscribe', { panels: PANELS }, (error: unknown, answer: Answer) => {
      if (error || !socket.connected) return; // it connects again
      if (answer.code !== undefined) return void setTimeout(() => this.subscribe(screen), answer.retryAfterMs ?? 500);
      if (screen.follows) screen.held = answer;
      if (screen.since !== undefined) this.result.subscribeMs.push(performance.now() - screen.since);
      screen.since = undefined;
      this.settle();
    });
  }

  private apply(screen: Screen, { from, patch }: { from: string; patch: Operation[] }): void {
    const now = performance.now();
    this.frames += 1;
    this.result.frames += 1;
    for (const { path, value } of patch as { path: string; value?: unknown }[]) {
      if (!path.startsWith('/panels/quotes/rows/') || !path.endsWith('/price')) continue;
      const batch = Number(String(value).split('.')[1]?.slice(0, -1));
      if (!(batch > screen.newest)) continue;
      screen.newest = batch;
      this.result.arrivals.push([batch, now]);
    }
    if (!screen.follows || screen.held === undefined) return;
    if (screen.held.snapshot.id === from) screen.held = jsonpatch.applyPatch(screen.held, patch).newDocument;
    else this.resync(screen);
  }

  private resync(screen: Screen): void {
    screen.socket.timeout(60_000).emit('dashboard:resync', (error: unknown, answer: Answer) => {
      if (!error && answer.code === undefined) screen.held = answer;
    });
  }
}

function empty(): ScreensResult {
  return { arrivals: [], frames: 0, subscribeMs: [], refused: 0 };
}
