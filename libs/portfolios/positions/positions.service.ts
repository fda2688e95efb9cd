import { Injectable } from '@nestjs/common';
import { ownRowsOf, type Principal } from '#auth';
import { ReadSnapshot } from '#database';
import { type Page, pageFrom } from '#http';
import { type PositionItem, PositionRow } from '../book/position-row.js';
import { PortfolioValuesService } from '../portfolio-values.service.js';
import type { PortfolioWorth } from '../portfolio-worth.js';
import { PortfoliosRepository } from '../portfolios.repository.js';
import { quotedContract } from '../quotes/quoted-contract.js';
import { QuotedInstrumentsRepository } from '../quotes/quoted-instruments.repository.js';
import type { ValuedPosition } from '../valuation/position.js';
import type { ListPositions } from './positions.dto.js';

type Key = readonly [portfolioId: string, key: string, leg: string];
interface Held {
  worth: PortfolioWorth;
  position: ValuedPosition;
}

/** Lists positions with what they are worth. Users see their own, operators all. */
@Injectable()
export class PositionsService {
  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
    private readonly instruments: QuotedInstrumentsRepository,
  ) {}

  /** Reads as many whole portfolios as a page touches: at most two more than fit into it. */
  @ReadSnapshot()
  async list(principal: Principal, { portfolioId, limit, cursor }: ListPositions): Promise<Page<PositionItem>> {
    const found = await this.portfolios.holding({
      userId: ownRowsOf(principal),
      id: portfolioId,
      from: cursor?.[0],
      limit: limit + 2,
    });
    const ids: string[] = [];
    let positions = 0;
    for (const portfolio of found) {
      if (positions > limit) break;
      ids.push(portfolio.id);
      // Some positions of the portfolio in which the page before has ended are behind it.
      if (portfolio.id !== cursor?.[0]) positions += portfolio.positions;
    }
    const worths = ids.length === 0 ? [] : await this.values.value(await this.portfolios.rows({ ids }));
    const held = worths.flatMap((worth) => sorted(worth));
    const rest = cursor === undefined ? held : held.filter((row) => isAfter(keyOf(row), cursor));
    const shown = rest.slice(0, limit + 1);
    const contracts = [...new Set(shown.map(({ worth, position }) => `${worth.row.broker} ${position.key}`))];
    const names = await this.instruments.names(contracts.map(quotedContract));
    const named = new Map(names.map((name) => [`${name.broker} ${name.key}`, name]));
    return pageFrom(shown, limit, keyOf, ({ worth, position }) => PositionRow.of(worth, position, named));
  }
}

const keyOf = ({ worth, position }: Held): Key => [worth.row.portfolioId, position.key, position.leg];

function sorted(worth: PortfolioWorth): Held[] {
  const held = worth.positions.map((position) => ({ worth, position }));
  return held.sort((one, other) => (isAfter(keyOf(one), keyOf(other)) ? 1 : -1));
}

/** By bytes, as the database orders portfolios. Ids are ASCII; keys are compared within one portfolio only. */
function isAfter(one: Key, other: Key): boolean {
  const at = one.findIndex((part, n) => part !== other[n]);
  return at >= 0 && one[at]! > other[at]!;
}
