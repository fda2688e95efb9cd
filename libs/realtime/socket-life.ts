/** What decides how long a socket stays. Times in ms since the epoch. */
export interface SocketLife {
  /** When its token ends. */
  expiresAt: number;
  /** The `expiresAt` that it was warned of; a refreshed token is warned of anew. */
  warnedOf: number | undefined;
  /** When it last said something. */
  heardAt: number;
  /** It subscribed to something: listening is not idling. */
  watching: boolean;
}

export type LifeVerdict = 'stays' | 'expires soon' | 'expired' | 'idle';

/** A socket lives no longer than its token (AUTH4) and not without use (RT2). */
export function judgeLife(life: SocketLife, now: number, warningMs: number, idleMs: number): LifeVerdict {
  if (now >= life.expiresAt) return 'expired';
  if (!life.watching && now - life.heardAt >= idleMs) return 'idle';
  if (now >= life.expiresAt - warningMs && life.warnedOf !== life.expiresAt) return 'expires soon';
  return 'stays';
}
