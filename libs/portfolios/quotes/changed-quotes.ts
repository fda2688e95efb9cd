import { Injectable } from '@nestjs/common';
import { beside } from '#panels';
import type { QuoteView } from './quote.dto.js';
import { quotedContract } from './quoted-contract.js';
import { QuotesRepository } from './quotes.repository.js';

/** The quotes that changed since a cut. Several panels need them; they are read once. */
@Injectable()
export class ChangedQuotes {
  /** A set of changed keys is made for one cut, and so belongs to one snapshot. */
  private readonly read = beside<ReadonlySet<string>, Promise<ReadonlyMap<string, QuoteView>>>();

  constructor(private readonly quotes: QuotesRepository) {}

  /**
   * The latest quotes in the open snapshot, by `broker key`. Leaves out contracts that have none any more.
   * @param changed keys as the change feed has them
   */
  of(changed: ReadonlySet<string>): Promise<ReadonlyMap<string, QuoteView>> {
    let quotes = this.read.get(changed);
    if (quotes === undefined) this.read.set(changed, (quotes = this.latest(changed)));
    return quotes;
  }

  private async latest(changed: ReadonlySet<string>): Promise<ReadonlyMap<string, QuoteView>> {
    if (changed.size === 0) return new Map();
    const latest = new Map<string, QuoteView>();
    for (const quote of await this.quotes.latest([...changed].map(quotedContract)))
      latest.set(`${quote.broker} ${quote.key}`, quote);
    return latest;
  }
}
