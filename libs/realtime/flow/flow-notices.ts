import type { ConnectionBudget } from '../budgets/connection-budget.js';
import type { LiveSocket } from '../live-socket.js';
import type { LiveSockets } from '../live-sockets.js';
import { BudgetPressure } from './budget-pressure.js';

/** A connection budget that a client can relieve by closing sockets. */
interface BudgetUse {
  budget: 'connections' | 'cluster' | 'user' | 'address';
  /** Identifies the budget among those of all users and addresses. */
  key: string;
  used: number;
  limit: number;
  sockets: Iterable<LiveSocket>;
}

/**
 * Tells clients when a budget that concerns them is nearly spent, and when that has passed, once each (RT3): everybody of
 * the budgets of the process and of all processes, a user of theirs, and the sockets of an address of its budget. Those of
 * users and addresses are counted in this process.
 */
export class FlowNotices {
  readonly #pressure = new BudgetPressure();

  constructor(
    private readonly sockets: LiveSockets,
    private readonly budget: ConnectionBudget,
  ) {}

  /** A socket of this user and address was admitted or has ended. */
  changed(userId: string, address: string): void {
    for (const use of [...this.#usesOfAll(), ...this.#usesOf(userId, address)]) this.#notice(use);
  }

  /** The sockets of other processes were counted again. */
  counted(): void {
    for (const use of this.#usesOfAll()) this.#notice(use);
  }

  /** Tells a socket that has just connected which of its budgets are nearly spent. */
  greet(live: LiveSocket): void {
    for (const use of [...this.#usesOfAll(), ...this.#usesOf(live.principal.userId, live.address)])
      if (this.#pressure.isBusy(use.key)) tell(live, 'busy', use);
  }

  #notice(use: BudgetUse): void {
    const state = this.#pressure.note(use.key, use.used, use.limit);
    if (state !== undefined) for (const live of use.sockets) tell(live, state, use);
  }

  #usesOfAll(): BudgetUse[] {
    const { total, cluster } = this.budget.limits;
    const { size: used, all: sockets } = this.sockets;
    const uses: BudgetUse[] = [{ budget: 'connections', key: 'connections', used, limit: total, sockets }];
    if (cluster > 0)
      uses.push({
        budget: 'cluster',
        key: 'cluster',
        used: this.budget.usedByAll,
        limit: cluster,
        sockets: this.sockets.all,
      });
    return uses;
  }

  #usesOf(userId: string, address: string): BudgetUse[] {
    const { total, perUser, perAddress } = this.budget.limits;
    const own = this.sockets.ofUser(userId);
    const uses: BudgetUse[] = [{ budget: 'user', key: `user ${userId}`, used: own.size, limit: perUser, sockets: own }];
    const there = this.sockets.ofAddress(address);
    // Without a limit of its own, an address may use all connections of the process.
    if (perAddress < total)
      uses.push({ budget: 'address', key: `address ${address}`, used: there.size, limit: perAddress, sockets: there });
    return uses;
  }
}

function tell(live: LiveSocket, state: 'busy' | 'normal', { budget, used, limit }: BudgetUse): void {
  live.send('flow', { state, budget, used, limit });
}
