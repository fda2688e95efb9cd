import type { Socket } from 'socket.io';
import type { Principal } from '#auth';
import type { DomainError } from '#errors';
import { hangUp } from './hang-up.js';
import { RateBudget } from './rate-budget.js';
import { eventFrame, unsentBytes, writeFrame } from './socket-frame.js';
import type { SocketLife } from './socket-life.js';

/** One authenticated socket: who it is, how it lives, and how much of what it was sent it has not read. */
export class LiveSocket implements SocketLife {
  warnedOf: number | undefined;
  watching = false;
  refused = 0;
  /** Frames dropped since it fell behind; undefined while it keeps up. */
  dropped: number | undefined;
  /** Called when a socket that fell behind can take frames again; sends what it missed as one full cut. */
  onCaughtUp: ((dropped: number) => void) | undefined;
  /** Called when a refreshed token or a changed role made another principal of it. */
  onPrincipal: (() => void) | undefined;
  readonly messages: RateBudget;
  #largestFrame = 0;
  #token: string;

  constructor(
    readonly socket: Socket,
    token: string,
    readonly address: string,
    public heardAt: number,
    private readonly limits: { conflateAboveBytes: number; closeAboveBytes: number; messagesPerSecond: number },
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

  /** The token it came with or refreshed to, to ask again whether it still holds. */
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
   * Sends a frame that a later full cut makes needless, unless the socket is behind.
   * @returns false if it was dropped; `onCaughtUp` follows once the socket has read on
   */
  offer(frame: string): boolean {
    if (this.dropped === undefined && unsentBytes(this.socket) > this.limits.conflateAboveBytes) this.dropped = 0;
    if (this.dropped !== undefined) {
      this.dropped += 1;
      return false;
    }
    this.write(frame);
    return true;
  }

  /** Sends a frame that is never conflated away. */
  write(frame: string): void {
    this.#largestFrame = Math.max(this.#largestFrame, frame.length);
    writeFrame(this.socket, frame);
  }

  /** Sends an event that is never conflated away. */
  tell(event: string, message: object): void {
    this.write(eventFrame(this.socket.nsp.name, event, JSON.stringify(message)));
  }

  /** A socket that fell behind and has read on is told so. @returns whether it is level again */
  catchUp(): boolean {
    if (this.dropped === undefined) return true;
    if (unsentBytes(this.socket) > this.limits.conflateAboveBytes / 2) return false;
    const dropped = this.dropped;
    this.dropped = undefined;
    this.onCaughtUp?.(dropped);
    return true;
  }

  /** More than 1 MB unread, beyond the one full cut that may be on its way. */
  get isChoked(): boolean {
    return unsentBytes(this.socket) > this.limits.closeAboveBytes + this.#largestFrame;
  }

  /** Says why, then closes; a choked one is cut off, because its goodbye would never be read. */
  close(reason: DomainError): void {
    if (this.isChoked) {
      hangUp(this.socket.conn);
      return;
    }
    const { code, message, details } = reason;
    this.tell('closing', {
      code,
      detail: message,
      ...(details.retryAfterMs === undefined ? {} : { retryAfterMs: details.retryAfterMs }),
    });
    this.socket.disconnect(true);
  }
}
