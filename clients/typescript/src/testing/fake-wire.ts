import type { DeskProblem } from '../problem.js';
import type { Wire } from '../live/wire.js';

type Listener = (...args: never[]) => void;

/** The desk's side of a fake socket. */
export interface FakeServer {
  /** @returns why the socket is refused */
  admit(wire: FakeWire): DeskProblem | undefined;
  /** @returns the acknowledgement */
  answer(wire: FakeWire, event: string, message: object): object;
  left(wire: FakeWire): void;
}

/** A socket of a fake desk. Frames arrive in order, each in a microtask of its own, as frames of a WebSocket do. */
export class FakeWire implements Wire {
  connected = false;
  auth: unknown;
  readonly #listeners = new Map<string, Listener[]>();
  /** Changes when frames under way must not arrive any more. */
  #connection = 0;

  constructor(private readonly server: FakeServer) {}

  get token(): string | undefined {
    return (this.auth as { token?: string } | undefined)?.token;
  }

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  connect(): this {
    const connection = ++this.#connection;
    queueMicrotask(() => {
      if (connection !== this.#connection) return;
      const refusal = this.server.admit(this);
      if (refusal === undefined) {
        this.connected = true;
        this.#fire('connect');
      } else {
        const { code, document } = refusal;
        this.#fire('connect_error', Object.assign(new Error(code), document.status === 0 ? {} : { data: document }));
      }
    });
    return this;
  }

  disconnect(): this {
    this.drop('io client disconnect');
    return this;
  }

  emit(event: string, message: object, answer: (body: unknown) => void): this {
    this.#soon(() => {
      const body = this.server.answer(this, event, message);
      this.#soon(() => answer(copy(body)));
    });
    return this;
  }

  /** Sends a frame to the client. */
  send(event: string, message: object): void {
    const frame = copy(message);
    this.#soon(() => this.#fire(event, frame));
  }

  /** Ends the connection. @param reason in socket.io's words */
  drop(reason: string): void {
    this.#connection += 1;
    if (!this.connected) return;
    this.connected = false;
    this.server.left(this);
    this.#fire('disconnect', reason);
  }

  /** Sends `closing`, then ends the connection. */
  close(message: object): void {
    this.send('closing', message);
    this.#soon(() => this.drop('io server disconnect'));
  }

  #soon(work: () => void): void {
    const connection = this.#connection;
    queueMicrotask(() => {
      if (connection === this.#connection && this.connected) work();
    });
  }

  #fire(event: string, ...args: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) (listener as (...all: unknown[]) => void)(...args);
  }
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
