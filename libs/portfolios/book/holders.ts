import { Copied } from './copied.js';

/** Which portfolios hold a contract, and what a portfolio holds. Contracts are named `broker key`, as in the change feed. */
export interface Holders {
  readonly byContract: ReadonlyMap<string, readonly string[]>;
  readonly contracts: ReadonlyMap<string, readonly string[]>;
}

/** Holders in the making. What it does not change is shared with those before. */
export class HoldersDraft {
  private readonly byContract: Copied<readonly string[]>;
  private readonly contracts: Copied<readonly string[]>;
  /** Lists of portfolios that this draft has made, and which it may change. */
  private readonly own = new Map<string, string[]>();

  constructor(before?: Holders) {
    this.byContract = new Copied(before?.byContract);
    this.contracts = new Copied(before?.contracts);
  }

  get made(): Holders {
    return { byContract: this.byContract.current, contracts: this.contracts.current };
  }

  of(contract: string): readonly string[] {
    return this.byContract.current.get(contract) ?? [];
  }

  /** Costs nothing if the portfolio still holds the same contracts. */
  put(id: string, contracts: readonly string[]): void {
    const before = this.contracts.current.get(id);
    if (before !== undefined && isSame(before, contracts)) return;
    this.delete(id);
    for (const contract of contracts) this.listOf(contract).push(id);
    this.contracts.written.set(id, contracts);
  }

  delete(id: string): void {
    const contracts = this.contracts.current.get(id);
    if (contracts === undefined) return;
    this.contracts.written.delete(id);
    for (const contract of contracts) {
      const list = this.listOf(contract);
      list.splice(list.indexOf(id), 1);
      if (list.length > 0) continue;
      this.byContract.written.delete(contract);
      this.own.delete(contract);
    }
  }

  private listOf(contract: string): string[] {
    let list = this.own.get(contract);
    if (list === undefined) {
      list = [...this.of(contract)];
      this.own.set(contract, list);
      this.byContract.written.set(contract, list);
    }
    return list;
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((contract, at) => contract === other[at]);
}
