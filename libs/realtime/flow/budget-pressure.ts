/** Share of a budget from which on clients are told that it is nearly spent (RT3). */
const BUSY_AT = 0.85;
/** Share at which they are told that this has passed. */
const CALM_AT = 0.75;
/** Between both are at least this many sockets, so that one client that reconnects in a loop does not switch the state. */
const GAP = 2;

/** Notices when budgets are nearly spent, and when that has passed. Holds nothing of a budget that is not busy. */
export class BudgetPressure {
  readonly #busy = new Set<string>();

  isBusy(budget: string): boolean {
    return this.#busy.has(budget);
  }

  /** @returns the new state of the budget, if it changed */
  note(budget: string, used: number, limit: number): 'busy' | 'normal' | undefined {
    const busyFrom = Math.ceil(limit * BUSY_AT);
    if (!this.#busy.has(budget)) {
      if (used < busyFrom) return undefined;
      this.#busy.add(budget);
      return 'busy';
    }
    const calmUpTo = Math.max(0, Math.min(Math.floor(limit * CALM_AT), busyFrom - GAP));
    if (used > calmUpTo) return undefined;
    this.#busy.delete(budget);
    return 'normal';
  }
}
