import { RateBudget } from './rate-budget.js';

export interface ConnectionLimits {
  total: number;
  perUser: number;
  perAddress: number;
  perSecond: number;
}

/** Which budget is spent, and when to try again. */
export interface BudgetRefusal {
  budget: 'connections' | 'user' | 'address' | 'rate';
  limit: number;
  retryAfterMs: number;
}

/** Clients are told from here on that a budget is nearly spent (RT3). */
export const WARN_AT = 0.85;

/** Counts the sockets of this process: all, by user, by address, and new ones a second. Time is handed in, ms. */
export class ConnectionBudget {
  #total = 0;
  readonly #users = new Map<string, number>();
  readonly #addresses = new Map<string, number>();
  readonly #rate: RateBudget;

  constructor(
    readonly limits: ConnectionLimits,
    private readonly random: () => number = Math.random,
  ) {
    this.#rate = new RateBudget(limits.perSecond);
  }

  get used(): number {
    return this.#total;
  }

  /** Past 85 % of the process's budget. */
  get nearlySpent(): boolean {
    return this.#total >= this.limits.total * WARN_AT;
  }

  /** Before authentication, which costs: may there be one more from this address? Takes of the rate, not of the counts. */
  knock(address: string, now: number): BudgetRefusal | undefined {
    const { total, perAddress, perSecond } = this.limits;
    const wait = this.#rate.take(now);
    if (wait > 0) return { budget: 'rate', limit: perSecond, retryAfterMs: wait + this.#jitter(1_000) };
    if (this.#total >= total) return this.#full('connections', total);
    if ((this.#addresses.get(address) ?? 0) >= perAddress) return this.#full('address', perAddress);
    return undefined;
  }

  /** After authentication: takes a place, which `leave` gives back. */
  enter(userId: string, address: string): BudgetRefusal | undefined {
    const { total, perAddress, perUser } = this.limits;
    // Asked again: others came in while the token was checked.
    if (this.#total >= total) return this.#full('connections', total);
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

  /** Refused clients must not come back all at once. */
  #jitter(ms: number): number {
    return Math.round(this.random() * ms);
  }
}

/** A name nobody has a socket of is forgotten, so that the maps stay as small as what is connected. */
function count(counts: Map<string, number>, name: string, by: number): void {
  const next = (counts.get(name) ?? 0) + by;
  if (next > 0) counts.set(name, next);
  else counts.delete(name);
}
