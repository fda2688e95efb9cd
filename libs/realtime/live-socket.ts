import type { Socket } from 'socket.io';
import type { Principal } from '#auth';
import type { DomainError } from '#errors';
import { terminate } from './terminate.js';
import { RateBudget } from './rate-budget.js';
import { eventFrame, unsentBytes, writeFrame } from './socket-frame.js';
import type { SocketLife } from './socket-life.js';

/** One authenticated socket: its principal, its lifetime, and how far its reader is behind. */
export class LiveSocket implements SocketLife {
  warnedOf: number | undefined;
  watching = false;
  refused = 0;
  /** Frames dropped since the socket fell behind. Undefined while it keeps up. */
  dropped: number | undefined;
  /** Called when a socket that fell behind can take frames again. Sends one full cut in place of the dropped frames. */
  onCaughtUp: ((dropped: number) => void) | undefined;
  /** Called when a refreshed token or a changed role changes the principal. */
  onPrincipal: (() => void) | undefined;
  readonly messages: RateBudget;
  #largestFrame = 0;
  #token: string;

  constructor(
    readonly socket: Socket,
    token: string,
    readonly address: string,
    public lastMessageAt: number,
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
  offer(frame: string): boolean {
    if (this.dropped === undefined && unsentBytes(this.socket) > this.limits.conflateAboveBytes) this.dropped = 0;
    if (this.dropped !== undefined) {
      this.dropped += 1;
      return false;
    }
    this.write(frame);
    return true;
  }

  /** Sends a frame that is never dropped by conflation. */
  write(frame: string): void {
    this.#largestFrame = Math.max(this.#largestFrame, frame.length);
    writeFrame(this.socket, frame);
  }

  /** Sends an event that is never dropped by conflation. */
  send(event: string, message: object): void {
    this.write(eventFrame(this.socket.nsp.name, event, JSON.stringify(message)));
  }

  /** Calls `onCaughtUp` when a socket that fell behind has read enough. @returns whether the socket keeps up */
  catchUp(): boolean {
    if (this.dropped === undefined) return true;
    if (unsentBytes(this.socket) > this.limits.conflateAboveBytes / 2) return false;
    const dropped = this.dropped;
    this.dropped = undefined;
    this.onCaughtUp?.(dropped);
    return true;
  }

  /** True when more than `closeAboveBytes` are unread, not counting one full cut that may be on its way. */
  get isChoked(): boolean {
    return unsentBytes(this.socket) > this.limits.closeAboveBytes + this.#largestFrame;
  }

  /** Sends the reason, then closes. A choked socket is terminated, because its client would never read the reason. */
  close(reason: DomainError): void {
    if (this.isChoked) {
      terminate(this.socket.conn);
      return;
    }
    const { code, message, details } = reason;
    this.send('closing', {
      code,
      detail: message,
      ...(details.retryAfterMs === undefined ? {} : { retryAfterMs: details.retryAfterMs }),
    });
    this.socket.disconnect(true);
  }
}
