import type { PortfolioSummary } from '../portfolio.dto.js';
import type { KeptWorth, PortfolioWorth } from '../portfolio-worth.js';
import { summaryOf } from '../portfolio-views.js';
import type { RateTable } from '../valuation/rate-table.js';
import type { BookLimits } from './book-limits.js';
import { Copied } from './copied.js';
import { HoldersDraft } from './holders.js';
import { fairShare, keptOf, type PortfolioSize } from './kept-portfolios.js';
import type { PortfolioBook } from './portfolio-book.js';
import { noteAmounts } from './summary-amounts.js';

/** Each contract once: a portfolio may hold several legs of one. */
function contractsIn({ contracts }: KeptWorth): string[] {
  return [...new Set(contracts)];
}

/** A book in the making. Maps that it does not change are those of the book before. */
export class BookDraft {
  private readonly summaries: Copied<PortfolioSummary>;
  private readonly kept: Copied<KeptWorth>;
  private readonly sizes: Copied<readonly PortfolioSize[]>;
  private readonly holders: HoldersDraft;
  private readonly otherHolders: HoldersDraft;
  private readonly others: Copied<number>;
  private share: number;
  /** Portfolios that are to be kept once they are put. */
  private readonly incoming = new Set<string>();
  /** Portfolios that are no longer kept, or whose positions were replaced. */
  readonly dropped = new Set<string>();

  /** @param max contracts that are kept of all owners together */
  constructor(
    private readonly limits: BookLimits,
    private readonly max: number,
    before?: PortfolioBook,
  ) {
    this.share = before?.share ?? Infinity;
    this.summaries = new Copied(before?.summaries);
    this.kept = new Copied(before?.kept);
    this.sizes = new Copied(before?.sizes);
    this.others = new Copied(before?.others);
    this.holders = new HoldersDraft(before?.holders);
    this.otherHolders = new HoldersDraft(before?.otherHolders);
  }

  keeps(id: string): boolean {
    return this.kept.current.has(id);
  }

  worthOf(id: string): KeptWorth {
    return this.kept.current.get(id)!;
  }

  /** The kept portfolios that hold a contract. */
  holdersOf(contract: string): readonly string[] {
    return this.holders.of(contract);
  }

  /** The portfolios that hold a contract and are not kept. */
  otherHoldersOf(contract: string): readonly string[] {
    return this.otherHolders.of(contract);
  }

  /** Takes out portfolios and adds `stored`. @returns the owners whose portfolios changed, or their share of what is kept */
  replace(gone: ReadonlySet<string>, stored: readonly PortfolioSize[]): Set<string> {
    const owners = new Set<string>();
    for (const id of gone) {
      const owner = this.summaries.current.get(id)?.userId;
      if (owner === undefined) continue;
      owners.add(owner);
      this.sizes.written.set(
        owner,
        this.sizes.current.get(owner)!.filter((size) => size.id !== id),
      );
      this.drop(id);
      this.otherHolders.delete(id);
      this.summaries.written.delete(id);
    }
    const byOwner = new Map<string, PortfolioSize[]>();
    for (const size of stored) {
      const known = byOwner.get(size.userId);
      if (known === undefined) byOwner.set(size.userId, [size]);
      else known.push(size);
    }
    for (const [owner, sizes] of byOwner) {
      owners.add(owner);
      const all = [...(this.sizes.current.get(owner) ?? []), ...sizes];
      this.sizes.written.set(
        owner,
        all.sort((one, other) => (one.id < other.id ? -1 : 1)),
      );
    }
    for (const owner of owners) if (this.sizes.current.get(owner)?.length === 0) this.sizes.written.delete(owner);
    if (owners.size > 0) for (const owner of this.shareAgain()) owners.add(owner);
    return owners;
  }

  /** @returns the owners whose share is another one than before */
  private shareAgain(): string[] {
    const contracts = new Map<string, number>();
    for (const [owner, sizes] of this.sizes.current)
      contracts.set(
        owner,
        sizes.reduce((sum, size) => sum + size.contracts, 0),
      );
    const [before, share] = [this.share, fairShare(contracts.values(), this.max)];
    if (share === before) return [];
    this.share = share;
    const least = Math.min(before, share);
    return [...contracts].filter(([, count]) => count > least).map(([owner]) => owner);
  }

  /** Decides which portfolios of an owner are kept. @returns those that come in and have to be read */
  select(owner: string): string[] {
    const sizes = this.sizes.current.get(owner) ?? [];
    const want = keptOf(sizes, this.share);
    const incoming: string[] = [];
    let others = 0;
    for (const { id, contracts } of sizes) {
      if (!want.has(id)) {
        this.drop(id);
        others += contracts;
      } else if (!this.kept.current.has(id)) {
        this.incoming.add(id);
        incoming.push(id);
      }
    }
    if (others > 0) this.others.written.set(owner, others);
    else if (this.others.current.has(owner)) this.others.written.delete(owner);
    return incoming;
  }

  /** Adds portfolios that were valued at `moment`. */
  put(worths: readonly PortfolioWorth[], moment: number): void {
    for (const worth of worths) {
      const { portfolioId: id } = worth.row;
      const summary = summaryOf(worth);
      noteAmounts(summary, worth.valued.byCurrency);
      this.summaries.written.set(id, summary);
      const before = this.kept.current.get(id);
      if (before === undefined && !this.incoming.has(id)) {
        this.limits.note(summary, worth, moment);
        this.otherHolders.put(id, contractsIn(worth));
        continue;
      }
      const { row, contracts, positions, inputs, sums } = worth;
      this.kept.written.set(id, { row, contracts, positions, inputs, sums });
      this.otherHolders.delete(id);
      if (before === undefined) this.holders.put(id, contractsIn(worth));
    }
  }

  book(rates: RateTable, moment: number, calendars: object): PortfolioBook {
    return {
      calendars,
      summaries: this.summaries.current,
      kept: this.kept.current,
      sizes: this.sizes.current,
      share: this.share,
      others: this.others.current,
      holders: this.holders.made,
      otherHolders: this.otherHolders.made,
      rates,
      moment,
    };
  }

  private drop(id: string): void {
    const worth = this.kept.current.get(id);
    if (worth === undefined) return;
    this.kept.written.delete(id);
    this.dropped.add(id);
    this.holders.delete(id);
    this.otherHolders.put(id, contractsIn(worth));
  }
}
