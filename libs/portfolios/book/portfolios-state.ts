import type { OwnedList } from '#panels';
import type { PortfolioSummary } from '../portfolio.dto.js';
import type { RateTable } from '../valuation/rate-table.js';
import type { PortfolioBook } from './portfolio-book.js';

/** Beside the items only the rates are compared when a kept state is checked: the book is what both are derived from. */
export class PortfoliosState {
  readonly #book: PortfolioBook;

  constructor(
    readonly list: OwnedList<PortfolioSummary>,
    readonly rates: RateTable,
    book: PortfolioBook,
  ) {
    this.#book = book;
  }

  get book(): PortfolioBook {
    return this.#book;
  }
}
