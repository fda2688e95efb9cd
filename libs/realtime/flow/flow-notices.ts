import type { SocketLimits } from '../budgets/connection-budget.js';
import type { LiveSocket } from '../live-socket.js';
import type { LiveSockets } from '../live-sockets.js';
import { BudgetPressure } from './budget-pressure.js';

/** A connection budget that a client can relieve by closing sockets. */
interface BudgetUse {
  budget: 'connections' | 'user' | 'address';
  /** Identifies the budget among those of all users and addresses. */
  key: string;
  limit: number;
  sockets: { readonly size: number } & Iterable<LiveSocket>;
}

/**
 * Tells clients when a budget that concerns them is nearly spent, and when that has passed, once each (RT3): everybody of
 * the process's budget, a user of theirs, and the sockets of an address of its budget.
 */
export class FlowNotices {
  readonly #pressure = new BudgetPressure();

  constructor(
    private readonly sockets: LiveSockets,
    private readonly limits: SocketLimits,
  ) {}

  /** A socket of this user and address was admitted or has ended. */
  changed(userId: string, address: string): void {
    for (const use of this.#usesOf(userId, address)) {
      const state = this.#pressure.note(use.key, use.sockets.size, use.limit);
      if (state !== undefined) for (const live of use.sockets) tell(live, state, use);
    }
  }

  /** Tells a socket that has just connected which of its budgets are nearly spent. */
  greet(live: LiveSocket): void {
    for (const use of this.#usesOf(live.principal.userId, live.address))
      if (this.#pressure.isBusy(use.key)) tell(live, 'busy', use);
  }

  #usesOf(userId: string, address: string): BudgetUse[] {
    const { total, perUser, perAddress } = this.limits;
    const { sockets } = this;
    const all = { size: sockets.size, [Symbol.iterator]: () => sockets.all[Symbol.iterator]() };
    const uses: BudgetUse[] = [
      { budget: 'connections', key: '', limit: total, sockets: all },
      { budget: 'user', key: `user ${userId}`, limit: perUser, sockets: sockets.ofUser(userId) },
    ];
    // Without a limit of its own, an address may use all connections of the process.
    if (perAddress < total)
      uses.push({
        budget: 'address',
        key: `address ${address}`,
        limit: perAddress,
        sockets: sockets.ofAddress(address),
      });
    return uses;
  }
}

function tell(live: LiveSocket, state: 'busy' | 'normal', { budget, limit, sockets }: BudgetUse): void {
  live.send('flow', { state, budget, used: sockets.size, limit });
}
