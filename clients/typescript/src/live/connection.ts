import { host } from '../host.js';
import { DeskProblem, isProblemDocument, isUnauthenticated, type ProblemDocument } from '../problem.js';
import type { Session } from '../session/session.js';
import type { OpenWire, Wire } from './wire.js';

const FIRST_BACKOFF_MS = 300;
const MAX_BACKOFF_MS = 5_000;
/** Time for an acknowledgement. Then the connection counts as dead. */
const ANSWER_MS = 10_000;

export interface ConnectionEvents {
  onConnecting(): void;
  onUp(): void;
  /** @param problem what the desk or the network said */
  onDown(problem: DeskProblem | undefined): void;
  onSignedOut(problem: DeskProblem | undefined): void;
  /** A message of the desk about the cut. */
  onMessage(event: string, message: never): void;
}

/** Events for the watch. The connection answers the others itself. */
const FORWARDED = ['dashboard:delta', 'dashboard:snapshot', 'dashboard:heartbeat', 'flow'] as const;

/** Keeps one socket connected: backoff, tokens, draining, the network of the machine. */
export class Connection {
  readonly #wire: Wire;
  readonly #off: readonly (() => void)[];
  /** A timer for each acknowledgement that is awaited. */
  readonly #waiting = new Set<ReturnType<typeof setTimeout>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  /** The token of the socket, and the user that it belongs to once that is known. */
  #token: string | undefined;
  #userId: string | undefined;
  /** The token that was sent over the open connection last. */
  #given: string | undefined;
  /** The token that was refused last. It is not sent again at once. */
  #refused: string | undefined;
  #opening = false;
  /** Changes when an attempt to open must not go on. */
  #generation = 0;
  #dropping = false;
  #closing: ProblemDocument | undefined;
  #ended = false;

  constructor(
    openWire: OpenWire,
    url: string,
    private readonly session: Session,
    private readonly events: ConnectionEvents,
  ) {
    const wire = (this.#wire = openWire(url));
    wire.on('connect', () => this.#onConnect());
    wire.on('disconnect', () => this.#onDisconnect());
    wire.on('connect_error', (error: Error & { data?: unknown }) => this.#onRefusal(error));
    wire.on('closing', (message: ProblemDocument) => void (this.#closing = message));
    wire.on('auth:expiring', () => void this.#renewEarly());
    wire.on('server:draining', ({ reconnectInMs }: { reconnectInMs: number }) => this.restart(reconnectInMs));
    for (const event of FORWARDED) wire.on(event, (message: never) => events.onMessage(event, message));
    this.#off = [
      session.onToken((token) => this.#give(token)),
      session.onIdentity((identity, problem) => this.#onIdentity(identity?.id, problem)),
      onNetwork('online', () => this.#onOnline()),
      onNetwork('offline', () => this.restart()),
    ];
    this.#userId = session.identity?.id;
    void this.#open();
  }

  /**
   * Sends a message. Nothing is called if the connection is lost before the acknowledgement.
   * @param take called within the event of the socket, because the next frame may follow in the same turn of the event loop
   */
  ask(event: string, message: object, take: (body: unknown, problem?: DeskProblem) => void): void {
    const late = setTimeout(() => this.restart(), ANSWER_MS);
    this.#waiting.add(late);
    this.#wire.emit(event, message, (body) => {
      clearTimeout(late);
      if (!this.#waiting.delete(late)) return;
      if (isProblemDocument(body)) take(undefined, new DeskProblem(body));
      else take(body);
    });
  }

  /** Gives the connection up and opens another one after this time. Default: the backoff. */
  restart(afterMs?: number): void {
    if (this.#ended) return;
    this.#drop();
    this.#again(undefined, afterMs);
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const off of this.#off) off();
    this.#drop();
  }

  async #open(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#ended || this.#opening || this.#wire.connected) return;
    const generation = this.#generation;
    this.#opening = true;
    try {
      const token = await this.session.token();
      if (generation !== this.#generation) return;
      if (token === undefined) return this.#signOut(undefined);
      this.#token = token;
      this.events.onConnecting();
      this.#wire.auth = { token };
      this.#wire.connect();
    } catch (error) {
      if (generation === this.#generation) this.#onTokenFailure(error);
    } finally {
      if (generation === this.#generation) this.#opening = false;
    }
  }

  #onConnect(): void {
    this.#attempt = 0;
    this.#given = undefined;
    this.#refused = undefined;
    this.events.onUp();
  }

  #onDisconnect(): void {
    this.#forgetAnswers();
    const closing = this.#closing;
    this.#closing = undefined;
    if (this.#ended || this.#dropping) return;
    const problem = closing && new DeskProblem({ ...closing, status: 0, correlationId: '' });
    if (closing?.code.startsWith('AUTH_')) this.#onRefusedToken(problem);
    else this.#again(problem);
  }

  #onRefusal({ data }: { data?: unknown }): void {
    if (this.#ended) return;
    const problem = isProblemDocument(data) ? new DeskProblem(data) : undefined;
    if (isUnauthenticated(problem)) this.#onRefusedToken(problem);
    else this.#again(problem);
  }

  /** Connects at once with a new token, if there is one. */
  #onRefusedToken(problem: DeskProblem | undefined): void {
    const refused = this.#token;
    if (refused === undefined || refused === this.#refused) return this.#again(problem);
    this.#refused = refused;
    this.events.onDown(problem);
    void this.#renew(refused).then((renewed) => (renewed ? this.#open() : undefined));
  }

  /** @returns whether there is another token. The user stays signed in while the desk does not answer */
  async #renew(refused: string | undefined): Promise<boolean> {
    if (refused === undefined) return false;
    const generation = this.#generation;
    try {
      if (await this.session.renew(refused)) return true;
      if (generation === this.#generation && !this.#wire.connected) this.#signOut(undefined);
    } catch (error) {
      if (generation === this.#generation && !this.#wire.connected) this.#onTokenFailure(error);
    }
    return false;
  }

  /** An API key or a token of the caller cannot be renewed: it is used until the desk refuses it. */
  async #renewEarly(): Promise<void> {
    if (!this.session.renewable || !(await this.#renew(this.#token))) return;
    const token = await this.session.token();
    if (token !== undefined) this.#give(token);
  }

  #onTokenFailure(error: unknown): void {
    const problem = error instanceof DeskProblem ? error : undefined;
    if (isUnauthenticated(error)) this.#signOut(problem);
    else this.#again(problem);
  }

  /** Sends a new token over the open connection, so that it stays open. */
  #give(token: string): void {
    if (!this.#wire.connected || token === this.#token || token === this.#given) return;
    this.#given = token;
    this.#wire.emit('auth:refresh', { token }, (answer) => {
      if (!isProblemDocument(answer)) this.#token = token;
    });
  }

  #onIdentity(userId: string | undefined, problem: DeskProblem | undefined): void {
    if (userId !== undefined && userId === this.#userId) return;
    // The user of the token in use became known.
    const first = this.#userId === undefined && (this.#token !== undefined || this.#opening);
    this.#userId = userId;
    if (userId !== undefined && first) return;
    this.#signOut(problem);
    if (userId !== undefined) void this.#open();
  }

  #signOut(problem: DeskProblem | undefined): void {
    this.#drop();
    this.#token = undefined;
    this.events.onSignedOut(problem);
  }

  /** An attempt that began without a network would only end at its timeout. */
  #onOnline(): void {
    this.#attempt = 0;
    if (this.#wire.connected) return;
    this.#drop();
    void this.#open();
  }

  /** Ends the connection and what waits for it, without another attempt. */
  #drop(): void {
    this.#generation += 1;
    this.#opening = false;
    clearTimeout(this.#timer);
    this.#dropping = true;
    this.#wire.disconnect();
    this.#dropping = false;
    this.#forgetAnswers();
  }

  #again(problem: DeskProblem | undefined, afterMs?: number): void {
    clearTimeout(this.#timer);
    const backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#attempt) * (0.5 + Math.random() / 2);
    this.#attempt += 1;
    this.#timer = setTimeout(() => void this.#open(), afterMs ?? problem?.retryAfterMs ?? backoff);
    this.events.onDown(problem);
  }

  #forgetAnswers(): void {
    for (const late of this.#waiting) clearTimeout(late);
    this.#waiting.clear();
  }
}

/** Listens to the network of a browser. Node has no such events. */
function onNetwork(event: 'online' | 'offline', listener: () => void): () => void {
  host.addEventListener?.(event, listener);
  return () => host.removeEventListener?.(event, listener);
}
