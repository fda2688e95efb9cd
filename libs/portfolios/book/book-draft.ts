import type { PortfolioSummary } from '../portfolio.dto.js';
import type { PortfolioWorth } from '../portfolio-worth.js';
import { summaryOf } from '../portfolio-views.js';
import type { RateTable } from '../valuation/rate-table.js';
import type { BookLimits } from './book-limits.js';
import { keptOf, type PortfolioSize } from './kept-portfolios.js';
import type { PortfolioBook } from './portfolio-book.js';

/** Each contract once: a portfolio may hold several legs of one. */
function contractsIn({ row: { broker, positions } }: PortfolioWorth): Set<string> {
  return new Set(positions.map(({ key }) => `${broker} ${key}`));
}

/** A map of the book before, which is copied when it is first written: a quote of a contract that nobody holds copies nothing. */
class Copied<Value> {
  private copy: Map<string, Value> | undefined;

  constructor(private readonly before: ReadonlyMap<string, Value> = new Map()) {}

  /** The copy, or the map before if nothing was written. */
  get current(): ReadonlyMap<string, Value> {
    return this.copy ?? this.before;
  }

  get written(): Map<string, Value> {
    return (this.copy ??= new Map(this.before));
  }
}

/** A book in the making. Maps that it does not change are those of the book before. */
export class BookDraft {
  private readonly summaries: Copied<PortfolioSummary>;
  private readonly kept: Copied<PortfolioWorth>;
  private readonly sizes: Copied<readonly PortfolioSize[]>;
  private readonly holders: Copied<readonly string[]>;
  private readonly others: Copied<number>;
  /** Portfolios that are to be kept once they are put. */
  private readonly incoming = new Set<string>();
  /** Contracts whose list of holders was made by this draft, which may change it. */
  private readonly ownLists = new Map<string, string[]>();
  /** Portfolios that are no longer kept, or whose positions were replaced. */
  readonly dropped = new Set<string>();

  constructor(
    private readonly limits: BookLimits,
    before?: PortfolioBook,
  ) {
    this.summaries = new Copied(before?.summaries);
    this.kept = new Copied(before?.kept);
    this.sizes = new Copied(before?.sizes);
    this.others = new Copied(before?.others);
    this.holders = new Copied(before?.holders);
  }

  /** Whether there are portfolios whose positions are not kept. */
  get hasOthers(): boolean {
    return this.others.current.size > 0;
  }

  keeps(id: string): boolean {
    return this.kept.current.has(id);
  }

  worthOf(id: string): PortfolioWorth {
    return this.kept.current.get(id)!;
  }

  holdersOf(key: string): readonly string[] {
    return this.holders.current.get(key) ?? [];
  }

  /** Takes out portfolios and adds `stored`. @returns the owners whose portfolios changed */
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
    return owners;
  }

  /** Decides which portfolios of an owner are kept. @returns those that come in and have to be read */
  select(owner: string): string[] {
    const sizes = this.sizes.current.get(owner) ?? [];
    const want = keptOf(sizes);
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
      this.summaries.written.set(id, summary);
      const before = this.kept.current.get(id);
      if (before === undefined && !this.incoming.has(id)) {
        this.limits.note(summary, worth, moment);
        continue;
      }
      this.kept.written.set(id, worth);
      if (before === undefined) for (const key of contractsIn(worth)) this.listOf(key).push(id);
    }
  }

  book(rates: RateTable, moment: number, calendars: object): PortfolioBook {
    return {
      calendars,
      summaries: this.summaries.current,
      kept: this.kept.current,
      sizes: this.sizes.current,
      others: this.others.current,
      holders: this.holders.current,
      rates,
      moment,
    };
  }

  private drop(id: string): void {
    const worth = this.kept.current.get(id);
    if (worth === undefined) return;
    this.kept.written.delete(id);
    this.dropped.add(id);
    for (const key of contractsIn(worth)) {
      const list = this.listOf(key);
      list.splice(list.indexOf(id), 1);
      if (list.length > 0) continue;
      this.holders.written.delete(key);
      this.ownLists.delete(key);
    }
  }

  private listOf(key: string): string[] {
    let list = this.ownLists.get(key);
    if (list === undefined) {
      list = [...(this.holders.current.get(key) ?? [])];
      this.ownLists.set(key, list);
      this.holders.written.set(key, list);
    }
    return list;
  }
}
