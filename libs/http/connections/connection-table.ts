export interface ConnectionLimits {
  /** Maximum number of connections. */
  total: number;
  /** Maximum number of connections per address without a signed-in caller. */
  perAddress: number;
  /** How long a connection is idle before another may take its place, in ms. */
  graceMs: number;
  /** The same if its client has at least two connections more than the other, in ms. */
  heavyGraceMs: number;
  /** Connections of `total` that only clients with fewer than `few` may open. */
  reserved: number;
  few: number;
}

/** One connection. It belongs to its address until a caller signs in on it, then to that user. */
export interface Connection {
  readonly address: string;
  /** Of a trusted proxy, which carries the requests of many clients. */
  readonly exempt: boolean;
  /** `address:..`, `user:..` or, for proxies and upgraded connections, undefined. */
  holder: string | undefined;
  /** Requests being answered. */
  active: number;
  upgraded: boolean;
  /** When it was opened or answered last, in ms. */
  idleSince: number;
  close(): void;
}

export type Spent = 'total' | 'address';

/** Counts connections by holder and decides which one makes place for another. Pure: time is a parameter. */
export class ConnectionTable {
  readonly #all = new Set<Connection>();
  readonly #held = new Map<string, Set<Connection>>();

  constructor(readonly limits: ConnectionLimits) {}

  get size(): number {
    return this.#all.size;
  }

  heldBy(holder: string): number {
    return this.#held.get(holder)?.size ?? 0;
  }

  /**
   * Adds a connection. At a limit an idle connection is closed for it: one of the same address at the limit per
   * address, one of the client with most connections at the limit of the process. So many connections of one client
   * cost no other client a connection. A client with fewer connections need not wait until one of them is idle for long,
   * because a burst of many addresses fills the process within less.
   * @returns the limit that refuses the connection, if none is idle; `evicted` counts connections closed for it
   */
  open(connection: Connection, now: number): { refused?: Spent; evicted?: Spent } {
    const holder = `address:${connection.address}`;
    let evicted: Spent | undefined;
    if (!connection.exempt && this.heldBy(holder) >= this.limits.perAddress) {
      if (!this.#evict(this.#held.get(holder)!, now)) return { refused: 'address' };
      evicted = 'address';
    }
    const { total, reserved, few } = this.limits;
    const has = this.heldBy(holder);
    if (this.size >= (connection.exempt || has < few ? total : total - reserved)) {
      if (!this.#evictOfHeavier(has, now)) return { refused: 'total' };
      evicted = 'total';
    }
    this.#all.add(connection);
    if (!connection.exempt) this.#hold(connection, holder);
    return evicted === undefined ? {} : { evicted };
  }

  /** The connection is now of that user. */
  own(connection: Connection, userId: string): void {
    if (!connection.exempt && !connection.upgraded) this.#hold(connection, `user:${userId}`);
  }

  /** The connection carries another protocol, which has its own limits by address and user. */
  upgrade(connection: Connection): void {
    connection.upgraded = true;
    this.#hold(connection, undefined);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    this.#hold(connection, undefined);
  }

  /** Closes connections that are idle for `ms`. @returns how many */
  closeIdle(ms: number, now: number): number {
    const idle = [...this.#all].filter((one) => !one.exempt && isIdle(one, now, ms));
    for (const connection of idle) this.#close(connection);
    return idle.length;
  }

  #hold(connection: Connection, holder: string | undefined): void {
    if (connection.holder === holder) return;
    if (connection.holder !== undefined) {
      const held = this.#held.get(connection.holder);
      held?.delete(connection);
      if (held?.size === 0) this.#held.delete(connection.holder);
    }
    connection.holder = holder;
    if (holder === undefined) return;
    const held = this.#held.get(holder);
    if (held === undefined) this.#held.set(holder, new Set([connection]));
    else held.add(connection);
  }

  /** Closes one for a client that has `has` connections. */
  #evictOfHeavier(has: number, now: number): boolean {
    const { graceMs, heavyGraceMs } = this.limits;
    const byWeight = [...this.#held.values()].sort((a, b) => b.size - a.size);
    return byWeight.some((held) => this.#evict(held, now, held.size > has + 1 ? heavyGraceMs : graceMs));
  }

  /** Closes the one that is idle for longest. */
  #evict(held: ReadonlySet<Connection>, now: number, ms = this.limits.graceMs): boolean {
    let longest: Connection | undefined;
    for (const connection of held)
      if (isIdle(connection, now, ms) && connection.idleSince < (longest?.idleSince ?? Infinity)) longest = connection;
    if (longest === undefined) return false;
    this.#close(longest);
    return true;
  }

  #close(connection: Connection): void {
    this.remove(connection);
    connection.close();
  }
}

function isIdle({ active, upgraded, idleSince }: Connection, now: number, ms: number): boolean {
  return active === 0 && !upgraded && now - idleSince >= ms;
}
