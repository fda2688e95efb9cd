import type { PortfolioSummary } from '../portfolio.dto.js';
import type { PortfolioWorth } from '../portfolio-values.service.js';
import { summaryOf } from '../portfolio-views.js';
import type { RateTable } from '../valuation/rate-table.js';
import { keptOf, type PortfolioSize } from './kept-portfolios.js';
import type { PortfolioBook } from './portfolio-book.js';

/** Each contract once: a portfolio may hold several legs of one. */
function contractsIn({ row: { broker, positions } }: PortfolioWorth): Set<string> {
  return new Set(positions.map(({ key }) => `${broker} ${key}`));
}

/** A book in the making: copies of the maps of the book before. */
export class BookDraft {
  private readonly summaries: Map<string, PortfolioSummary>;
  private readonly kept: Map<string, PortfolioWorth>;
  private readonly sizes: Map<string, readonly PortfolioSize[]>;
  private readonly holders: Map<string, readonly string[]>;
  private readonly others: Map<string, number>;
  /** Sizes of the portfolios that were replaced. */
  private readonly fresh = new Map<string, PortfolioSize>();
  /** Portfolios that are to be kept once they are put. */
  private readonly incoming = new Set<string>();
  /** Contracts whose list of holders was made by this draft, which may change it. */
  private readonly ownLists = new Map<string, string[]>();
  /** Portfolios that are no longer kept, or whose positions were replaced. */
  readonly dropped = new Set<string>();

  constructor(before?: PortfolioBook) {
    this.summaries = new Map(before?.summaries);
    this.kept = new Map(before?.kept);
    this.sizes = new Map(before?.sizes);
    this.others = new Map(before?.others);
    this.holders = new Map(before?.holders);
  }

  /** Whether there are portfolios whose positions are not kept. */
  get hasOthers(): boolean {
    return this.others.size > 0;
  }

  keeps(id: string): boolean {
    return this.kept.has(id);
  }

  worthOf(id: string): PortfolioWorth {
    return this.kept.get(id)!;
  }

  sizeOf(id: string): PortfolioSize | undefined {
    const summary = this.summaries.get(id);
    const known = summary && this.sizes.get(summary.userId)?.find((size) => size.id === id);
    return known ?? this.fresh.get(id);
  }

  holdersOf(key: string): readonly string[] {
    return this.holders.get(key) ?? [];
  }

  /** Takes out portfolios and adds `stored`. @returns the owners whose portfolios changed */
  replace(gone: ReadonlySet<string>, stored: readonly PortfolioSize[]): Set<string> {
    const owners = new Set<string>();
    for (const id of gone) {
      const owner = this.summaries.get(id)?.userId;
      if (owner === undefined) continue;
      owners.add(owner);
      this.sizes.set(
        owner,
        this.sizes.get(owner)!.filter((size) => size.id !== id),
      );
      this.drop(id);
      this.summaries.delete(id);
    }
    const byOwner = new Map<string, PortfolioSize[]>();
    for (const size of stored) {
      this.fresh.set(size.id, size);
      const known = byOwner.get(size.userId);
      if (known === undefined) byOwner.set(size.userId, [size]);
      else known.push(size);
    }
    for (const [owner, sizes] of byOwner) {
      owners.add(owner);
      const all = [...(this.sizes.get(owner) ?? []), ...sizes];
      this.sizes.set(
        owner,
        all.sort((one, other) => (one.id < other.id ? -1 : 1)),
      );
    }
    for (const owner of owners) if (this.sizes.get(owner)?.length === 0) this.sizes.delete(owner);
    return owners;
  }

  /** Decides which portfolios of an owner are kept. @returns those that come in and have to be read */
  select(owner: string): string[] {
    const sizes = this.sizes.get(owner) ?? [];
    const want = keptOf(sizes);
    const incoming: string[] = [];
    let others = 0;
    for (const { id, contracts } of sizes) {
      if (!want.has(id)) {
        this.drop(id);
        others += contracts;
      } else if (!this.kept.has(id)) {
        this.incoming.add(id);
        incoming.push(id);
      }
    }
    if (others > 0) this.others.set(owner, others);
    else this.others.delete(owner);
    return incoming;
  }

  /** Adds valued portfolios. */
  put(worths: readonly PortfolioWorth[]): void {
    for (const worth of worths) {
      const { portfolioId: id } = worth.row;
      this.summaries.set(id, summaryOf(worth));
      const before = this.kept.get(id);
      if (before === undefined && !this.incoming.has(id)) continue;
      this.kept.set(id, worth);
      if (before === undefined) for (const key of contractsIn(worth)) this.listOf(key).push(id);
    }
  }

  book(rates: RateTable, moment: number): PortfolioBook {
    const { summaries, kept, sizes, others, holders } = this;
    return { summaries, kept, sizes, others, holders, rates, moment };
  }

  private drop(id: string): void {
    const worth = this.kept.get(id);
    if (worth === undefined) return;
    this.kept.delete(id);
    this.dropped.add(id);
    for (const key of contractsIn(worth)) {
      const list = this.listOf(key);
      list.splice(list.indexOf(id), 1);
      if (list.length > 0) continue;
      this.holders.delete(key);
      this.ownLists.delete(key);
    }
  }

  private listOf(key: string): string[] {
    let list = this.ownLists.get(key);
    if (list === undefined) {
      list = [...(this.holders.get(key) ?? [])];
      this.ownLists.set(key, list);
      this.holders.set(key, list);
    }
    return list;
  }
}
