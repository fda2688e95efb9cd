import { RateBudget } from './rate-budget.js';

export interface SocketLimits {
  total: number;
  /** Places of `total` that only operators may take. */
  forOperators: number;
  perUser: number;
  perAddress: number;
  /** Connections of an address that have not authenticated yet. */
  handshakesPerAddress: number;
  perSecond: number;
}

/** Which budget is spent, and when to try again. */
export interface BudgetRefusal {
  budget: 'connections' | 'user' | 'address' | 'handshakes' | 'rate';
  limit: number;
  retryAfterMs: number;
}

/** Clients are told from here on that a budget is nearly spent (RT3). */
export const WARN_AT = 0.85;

/** Counts the sockets of this process: all, by user, by address, not yet authenticated, and new ones per second. Time is a parameter, in ms. */
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

  /** Past 85 % of the process's budget. */
  get nearlySpent(): boolean {
    return this.#total >= this.limits.total * WARN_AT;
  }

  /** A connection begins, whose caller is unknown. `endHandshake` must follow. */
  beginHandshake(address: string): void {
    count(this.#handshakes, address, 1);
  }

  endHandshake(address: string): void {
    count(this.#handshakes, address, -1);
  }

  /** Before anything is built for a connection: an address with twice its handshakes is refused without a conversation. */
  floods(address: string): BudgetRefusal | undefined {
    const { handshakesPerAddress } = this.limits;
    return (this.#handshakes.get(address) ?? 0) >= handshakesPerAddress * 2
      ? this.#full('handshakes', handshakesPerAddress)
      : undefined;
  }

  /** Before authentication, which costs: may there be one more from this address? Takes of the rate, not of the counts. */
  knock(address: string, now: number): BudgetRefusal | undefined {
    const { total, perAddress, handshakesPerAddress, perSecond } = this.limits;
    // First, so that one address cannot use up the rate of all.
    if ((this.#handshakes.get(address) ?? 0) > handshakesPerAddress)
      return this.#full('handshakes', handshakesPerAddress);
    const wait = this.#rate.take(now);
    if (wait > 0) return { budget: 'rate', limit: perSecond, retryAfterMs: wait + this.#jitter(1_000) };
    if (this.#total >= total) return this.#full('connections', total);
    if ((this.#addresses.get(address) ?? 0) >= perAddress) return this.#full('address', perAddress);
    return undefined;
  }

  /** After authentication: takes a place, which `leave` gives back. */
  enter(userId: string, address: string, isOperator: boolean): BudgetRefusal | undefined {
    const { total, forOperators, perAddress, perUser } = this.limits;
    const places = isOperator ? total : total - forOperators;
    // Asked again: others came in while the token was checked.
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
