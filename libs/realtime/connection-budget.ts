import { RateBudget } from './rate-budget.js';

export interface SocketLimits {
  total: number;
  /** Connections out of `total` that only operators may use. */
  forOperators: number;
  perUser: number;
  perAddress: number;
  /** Maximum number of unauthenticated connections per address. */
  handshakesPerAddress: number;
  perSecond: number;
}

/** Names the exhausted budget and when to retry. */
export interface BudgetRefusal {
  budget: 'connections' | 'user' | 'address' | 'handshakes' | 'rate';
  limit: number;
  retryAfterMs: number;
}

/** Clients are warned when this share of the connection budget is used (RT3). */
export const WARN_AT = 0.85;

/**
 * Counts the sockets of this process: in total, by user, by address, unauthenticated, and new per second. Times are
 * parameters, in ms.
 */
export class ConnectionBudget {
  #total = 0;
  readonly #users = new Map<string, number>();
  readonly #addresses = new Map<string, number>();
  readonly #handshakes = new Map<string, number>();
  readonly #rate: RateBudget;

  constructor(
    readonly limits: SocketLimits,
    private readonly random: () => number = Math.random,
  ) {
    this.#rate = new RateBudget(limits.perSecond);
  }

  get used(): number {
    return this.#total;
  }

  /** True from 85 % of the process limit on. */
  get nearlySpent(): boolean {
    return this.#total >= this.limits.total * WARN_AT;
  }

  /** Counts a new connection whose caller is unknown. `endHandshake` must follow. */
  beginHandshake(address: string): void {
    count(this.#handshakes, address, 1);
  }

  endHandshake(address: string): void {
    count(this.#handshakes, address, -1);
  }

  /** Called before anything is allocated for a connection. Refuses an address with twice its limit of handshakes. */
  floods(address: string): BudgetRefusal | undefined {
    const { handshakesPerAddress } = this.limits;
    return (this.#handshakes.get(address) ?? 0) >= handshakesPerAddress * 2
      ? this.#full('handshakes', handshakesPerAddress)
      : undefined;
  }

  /**
   * Checks the limits before the token, because authentication is expensive. Takes from the rate, not from the counts.
   */
  checkBeforeToken(address: string, now: number): BudgetRefusal | undefined {
    const { total, perAddress, handshakesPerAddress, perSecond } = this.limits;
    // Checked first, so one address cannot use up the rate of all.
    if ((this.#handshakes.get(address) ?? 0) > handshakesPerAddress)
      return this.#full('handshakes', handshakesPerAddress);
    const wait = this.#rate.take(now);
    if (wait > 0) return { budget: 'rate', limit: perSecond, retryAfterMs: wait + this.#jitter(1_000) };
    if (this.#total >= total) return this.#full('connections', total);
    if ((this.#addresses.get(address) ?? 0) >= perAddress) return this.#full('address', perAddress);
    return undefined;
  }

  /** Counts an authenticated connection. `leave` undoes it. */
  enter(userId: string, address: string, isOperator: boolean): BudgetRefusal | undefined {
    const { total, forOperators, perAddress, perUser } = this.limits;
    const places = isOperator ? total : total - forOperators;
    // Checked again, because other connections were admitted while the token was verified.
    if (this.#total >= places) return this.#full('connections', places);
    if ((this.#addresses.get(address) ?? 0) >= perAddress) return this.#full('address', perAddress);
    if ((this.#users.get(userId) ?? 0) >= perUser) return this.#full('user', perUser);
    this.#total += 1;
    count(this.#users, userId, 1);
    count(this.#addresses, address, 1);
    return undefined;
  }

  leave(userId: string, address: string): void {
    this.#total -= 1;
    count(this.#users, userId, -1);
    count(this.#addresses, address, -1);
  }

  #full(budget: BudgetRefusal['budget'], limit: number): BudgetRefusal {
    return { budget, limit, retryAfterMs: 1_000 + this.#jitter(4_000) };
  }

  /** Spreads retries, so refused clients do not all return at once. */
  #jitter(ms: number): number {
    return Math.round(this.random() * ms);
  }
}

/** Removes names with a count of zero, so the maps only hold connected users and addresses. */
function count(counts: Map<string, number>, name: string, by: number): void {
  const next = (counts.get(name) ?? 0) + by;
  if (next > 0) counts.set(name, next);
  else counts.delete(name);
}
