import type { Socket } from 'socket.io';
import type { Principal } from '#auth';
import type { DomainError } from '#errors';
import { ReaderProgress } from './flow/reader-progress.js';
import { LINGER_MS, terminate } from './terminate.js';
import { RateBudget } from './budgets/rate-budget.js';
import { eventFrame, type SocketFrame, takenBytes, unsentBytes, writeFrame } from './socket-frame.js';
import type { SocketLife } from './socket-life.js';

interface ReaderLimits {
  conflateAboveBytes: number;
  closeAboveBytes: number;
  drainWithinMs: number;
  messagesPerSecond: number;
}

/** One authenticated socket: its principal, its lifetime, and how far its reader is behind. */
export class LiveSocket implements SocketLife {
  warnedOf: number | undefined;
  watching = false;
  refused = 0;
  /** Set when the server has decided to close it. */
  closing = false;
  /** Frames dropped since the socket fell behind. Undefined while it keeps up. */
  dropped: number | undefined;
  /** Called when a socket that fell behind can take frames again. Sends one full cut in place of the dropped frames. */
  onCaughtUp: ((dropped: number) => void) | undefined;
  /** Called when a refreshed token or a changed role changes the principal. */
  onPrincipal: (() => void) | undefined;
  readonly messages: RateBudget;
  #largestFrame = 0;
  #progress: ReaderProgress | undefined;
  #token: string;

  constructor(
    readonly socket: Socket,
    token: string,
    readonly address: string,
    public lastMessageAt: number,
    private readonly limits: ReaderLimits,
  ) {
    this.#token = token;
    this.messages = new RateBudget(limits.messagesPerSecond);
  }

  get principal(): Principal {
    return (this.socket.data as { principal: Principal }).principal;
  }

  get expiresAt(): number {
    return this.principal.expiresAt.getTime();
  }

  /** The current access token, kept to verify it again. */
  get token(): string {
    return this.#token;
  }

  become(principal: Principal, token: string): void {
    const before = this.principal;
    this.#token = token;
    (this.socket.data as { principal: Principal }).principal = principal;
    if (before.roles.join() !== principal.roles.join()) this.onPrincipal?.();
  }

  /**
   * Sends a frame that a later full cut can replace, unless the socket is behind.
   * @returns false if the frame was dropped. `onCaughtUp` follows when the client has read on
   */
  offer(frame: SocketFrame): boolean {
    if (this.dropped === undefined && unsentBytes(this.socket) > this.limits.conflateAboveBytes) this.dropped = 0;
    if (this.dropped !== undefined) {
      this.dropped += 1;
      return false;
    }
    this.write(frame);
    return true;
  }

  /** Sends a frame that is never dropped by conflation. */
  write(frame: SocketFrame): void {
    this.#largestFrame = Math.max(this.#largestFrame, frame.text.length);
    writeFrame(this.socket, frame);
  }

  /** Sends an event that is never dropped by conflation. */
  send(event: string, message: object): void {
    this.write(eventFrame(this.socket.nsp.name, event, JSON.stringify(message)));
  }

  /** Calls an acknowledgement, which may carry a full cut, so that its bytes count as one frame. */
  acknowledge(ack: (answer: unknown) => void, answer: unknown): void {
    const before = this.unsent;
    ack(answer);
    this.#largestFrame = Math.max(this.#largestFrame, this.unsent - before);
  }

  /** Calls `onCaughtUp` when a socket that fell behind has read enough. @returns whether the socket keeps up */
  catchUp(): boolean {
    if (this.dropped === undefined) return true;
    if (this.unsent > this.limits.conflateAboveBytes / 2) return false;
    const dropped = this.dropped;
    this.dropped = undefined;
    this.onCaughtUp?.(dropped);
    return true;
  }

  /** Bytes queued for the client that the kernel has not taken. */
  get unsent(): number {
    return unsentBytes(this.socket);
  }

  /** True when more than `closeAboveBytes` are unread, not counting one full cut that may be on its way. */
  get isChoked(): boolean {
    return this.unsent > this.limits.closeAboveBytes + this.#largestFrame;
  }

  /**
   * True when bytes have waited for `drainWithinMs` and the client has read less than `conflateAboveBytes` of them. Call it
   * once per second. A client that polls is found by its heartbeat.
   */
  isStalled(now: number): boolean {
    const { unsent } = this;
    if (unsent === 0 && this.#progress === undefined) return false;
    const taken = takenBytes(this.socket);
    if (taken === undefined) return false;
    this.#progress ??= new ReaderProgress(this.limits.conflateAboveBytes);
    return this.#progress.stalledMs(unsent, taken, now) >= this.limits.drainWithinMs;
  }

  /**
   * Sends the reason, then closes. A choked or stalled socket is terminated, because its client would never read the
   * reason. So is one whose client does not read it within a second: engine.io would wait for it.
   * @param reads false if the client does not read
   */
  close(reason: DomainError, reads = true): void {
    this.closing = true;
    if (!reads || !this.socket.connected || this.isChoked) {
      terminate(this.socket.conn);
      return;
    }
    const { code, message, details } = reason;
    this.send('closing', {
      code,
      detail: message,
      ...(details.retryAfterMs === undefined ? {} : { retryAfterMs: details.retryAfterMs }),
    });
    const { conn } = this.socket;
    this.socket.disconnect(true);
    setTimeout(() => terminate(conn), LINGER_MS).unref();
  }
}
