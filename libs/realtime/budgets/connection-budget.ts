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
  /** Connections of all processes together; 0 for no limit. */
  cluster: number;
  /** Connections out of `cluster` that only operators may use. */
  clusterForOperators: number;
}

type BudgetName = 'connections' | 'cluster' | 'user' | 'address' | 'handshakes' | 'rate';

/** Names the exhausted budget and when to retry. */
export interface BudgetRefusal {
  budget: BudgetName;
  limit: number;
  retryAfterMs: number;
}

/** What the other processes count, and what they leave to this one. */
export interface OthersUse {
  /** Connections of the other processes. */
  connections: number;
  /** Connections of the limit of all processes that this process may use. */
  clusterPlaces: number;
  /** Those of them that only operators may use. */
  clusterForOperators: number;
  /** New connections per second that this process may accept. */
  perSecond: number;
}

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
  readonly #refused = { connections: 0, cluster: 0, user: 0, address: 0, handshakes: 0, rate: 0 };
  #others: OthersUse;
  #accepted = 0;

  constructor(
    readonly limits: SocketLimits,
    private readonly random: () => number = Math.random,
  ) {
    const { cluster, clusterForOperators, perSecond } = limits;
    this.#rate = new RateBudget(perSecond);
    this.#others = { connections: 0, clusterPlaces: cluster || Infinity, clusterForOperators, perSecond };
  }

  /** Connections of this process and, as far as they are known, of the others. */
  get usedByAll(): number {
    return this.#total + this.#others.connections;
  }

  /** New connections since the start that were not refused for their rate. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Takes over what the other processes use. */
  share(others: OthersUse): void {
    this.#others = others;
    this.#rate.perSecond = others.perSecond;
  }

  /** Connections by user and by address. */
  get counts(): { users: ReadonlyMap<string, number>; addresses: ReadonlyMap<string, number> } {
    return { users: this.#users, addresses: this.#addresses };
  }

  /** Refusals since the start, by budget. */
  get refused(): Readonly<Record<BudgetName, number>> {
    return this.#refused;
  }

  /** The highest number of connections of one owner. */
  busiest(owners: 'users' | 'addresses' | 'handshakes'): number {
    const counts = { users: this.#users, addresses: this.#addresses, handshakes: this.#handshakes }[owners];
    let most = 0;
    for (const each of counts.values()) most = Math.max(most, each);
    return most;
  }

  get used(): number {
    return this.#total;
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
      ? this.refuse('handshakes', handshakesPerAddress)
      : undefined;
  }

  /**
   * Checks the limits before the token, because authentication is expensive. Takes from the rate, not from the counts.
   */
  checkBeforeToken(address: string, now: number): BudgetRefusal | undefined {
    const { total, perAddress, handshakesPerAddress, perSecond } = this.limits;
    // Checked first, so one address cannot use up the rate of all.
    if ((this.#handshakes.get(address) ?? 0) > handshakesPerAddress)
      return this.refuse('handshakes', handshakesPerAddress);
    const wait = this.#rate.take(now);
    if (wait > 0) {
      this.#refused.rate += 1;
      return { budget: 'rate', limit: perSecond, retryAfterMs: wait + this.#jitter(1_000) };
    }
    this.#accepted += 1;
    if (this.#total >= total) return this.refuse('connections', total);
    if (this.#total >= this.#others.clusterPlaces) return this.refuse('cluster', this.limits.cluster);
    if ((this.#addresses.get(address) ?? 0) >= perAddress) return this.refuse('address', perAddress);
    return undefined;
  }

  /** Counts an authenticated connection. `leave` undoes it. */
  enter(userId: string, address: string, isOperator: boolean): BudgetRefusal | undefined {
    const { total, forOperators, perAddress, perUser } = this.limits;
    const places = isOperator ? total : total - forOperators;
    const clusterPlaces = this.#others.clusterPlaces - (isOperator ? 0 : this.#others.clusterForOperators);
    // Checked again, because other connections were admitted while the token was verified.
    if (this.#total >= places) return this.refuse('connections', places);
    if (this.#total >= clusterPlaces) return this.refuse('cluster', this.clusterLimit(isOperator));
    if ((this.#addresses.get(address) ?? 0) >= perAddress) return this.refuse('address', perAddress);
    if ((this.#users.get(userId) ?? 0) >= perUser) return this.refuse('user', perUser);
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

  /** Connections of all processes together; 0 for no limit. */
  clusterLimit(isOperator: boolean): number {
    return this.limits.cluster - (isOperator ? 0 : this.limits.clusterForOperators);
  }

  /** Counts a refusal. */
  refuse(budget: BudgetName, limit: number): BudgetRefusal {
    this.#refused[budget] += 1;
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
