/** The facts that decide how long a socket stays. Times in ms since the epoch. */
export interface SocketLife {
  /** Expiry of its token. */
  expiresAt: number;
  /** The `expiresAt` of the last warning. A refreshed token gets a warning of its own. */
  warnedOf: number | undefined;
  /** Time of its last message. */
  lastMessageAt: number;
  /** It has a subscription, so it is not idle. */
  watching: boolean;
}

export type LifeVerdict = 'stays' | 'expires soon' | 'expired' | 'idle';

/** A socket never outlives its token (AUTH4), and is closed when idle (RT2). */
export function judgeLife(life: SocketLife, now: number, warningMs: number, idleMs: number): LifeVerdict {
  if (now >= life.expiresAt) return 'expired';
  if (!life.watching && now - life.lastMessageAt >= idleMs) return 'idle';
  if (now >= life.expiresAt - warningMs && life.warnedOf !== life.expiresAt) return 'expires soon';
  return 'stays';
}
