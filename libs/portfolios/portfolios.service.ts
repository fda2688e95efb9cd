import { Inject, Injectable } from '@nestjs/common';
import { ownRowsOf, type Principal } from '#auth';
import { Changes } from '#changes';
import { Atomic, ReadSnapshot } from '#database';
import { EventLog } from '#events';
import { type Page, pageFrom } from '#http';
import { Timed } from '#telemetry';
import type { OrderKey } from '#text';
import { Clock, shownTime, utcTime } from '#time';
import { DeskCalendarsService } from './desk-calendars.service.js';
import { bucketsOf } from './history/history-buckets.js';
import { bucketsIn, finestStep } from './history/history-step.js';
import {
  type FindPortfolio,
  type HistoryQuery,
  type ListPortfolios,
  type PortfolioClosing,
  type PortfolioHistory,
  portfolioOrder,
  type PortfolioSummary,
  type PortfolioView,
} from './portfolio.dto.js';
import { PortfolioValuesService } from './portfolio-values.service.js';
import { portfolioViewOf, shownBase, summaryOf } from './portfolio-views.js';
import { portfolioClosed, portfolioDeleted, portfolioReopened } from './portfolio-events.js';
import { PortfolioHistoryRepository } from './history/portfolio-history.repository.js';
import { portfoliosConfig, type PortfoliosConfig } from './portfolios.config.js';
import { historyRange, portfolioNotFound } from './portfolios.errors.js';
import { type PortfolioRow, PortfoliosRepository } from './portfolios.repository.js';

const DAY_MS = 86_400_000;
/** Maximum points of a chart without a given step: more than a screen is wide. */
const CHART_POINTS = 1500;

/** Shows users their own portfolios and operators all. Another user's portfolio answers 404, so its existence stays secret. */
@Injectable()
export class PortfoliosService {
  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly values: PortfolioValuesService,
    private readonly histories: PortfolioHistoryRepository,
    private readonly calendars: DeskCalendarsService,
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {}

  @ReadSnapshot()
  async list(principal: Principal, query: ListPortfolios): Promise<Page<PortfolioSummary>> {
    const own = ownRowsOf(principal);
    const { userId, broker, currency, closed = false, sort, limit, cursor } = query;
    if (own !== undefined && userId?.includes(own) === false) return { items: [], nextCursor: null };
    const rows = await this.portfolios.page({
      ...{ userIds: own === undefined ? userId : [own], brokers: broker, currencies: currency, closed },
      ...{ sort, after: cursor, limit: limit + 1 },
    });
    return pageFrom(await this.values.value(rows), limit, ({ row }) => portfolioKey(sort, row), summaryOf);
  }

  /** @throws DomainError PORTFOLIOS_NOT_FOUND */
  @ReadSnapshot()
  async find(principal: Principal, id: string, { base }: FindPortfolio = {}): Promise<PortfolioView> {
    const found = await this.portfolios.find(id, ownRowsOf(principal));
    if (!found) throw portfolioNotFound(id);
    const [worth] = await this.values.value([found]);
    const view = portfolioViewOf(worth!);
    if (base === undefined) return view;
    return { ...view, base: shownBase(worth!.valued.byCurrency, base, await this.values.rateTable()) };
  }

  /**
   * Closes or reopens a portfolio; a repeated call changes nothing.
   * @param principal undefined: the command line, which may change any portfolio
   * @throws DomainError PORTFOLIOS_NOT_FOUND
   */
  @Atomic()
  async setClosed(principal: Principal | undefined, id: string, closed: boolean): Promise<PortfolioClosing> {
    const found = await this.portfolios.lock(id, principal && ownRowsOf(principal));
    if (!found) throw portfolioNotFound(id);
    if (closed === (found.closedAt !== null)) return { portfolioId: id, closedAt: shownTime(found.closedAt) };
    const closedAt = await this.portfolios.setClosed(id, closed);
    const { userId, broker, account } = found;
    const of = { portfolioId: id, broker, account };
    await this.events.record(
      closed
        ? { type: portfolioClosed.type, broker, userId, payload: { ...of, closedBy: principal?.userId ?? null } }
        : { type: portfolioReopened.type, broker, userId, payload: { ...of, reopenedBy: principal?.userId ?? null } },
    );
    this.changes.hint();
    return { portfolioId: id, closedAt: shownTime(closedAt) };
  }

  /**
   * Deletes a portfolio with its history. Its events stay.
   * @param principal undefined: the command line, which may delete any portfolio
   * @throws DomainError PORTFOLIOS_NOT_FOUND
   */
  @Atomic()
  async remove(principal: Principal | undefined, id: string): Promise<void> {
    const found = await this.portfolios.lock(id, principal && ownRowsOf(principal));
    if (!found) throw portfolioNotFound(id);
    await this.portfolios.remove(id);
    const { userId, broker, account } = found;
    const payload = { portfolioId: id, broker, account, deletedBy: principal?.userId ?? null };
    await this.events.record({ type: portfolioDeleted.type, broker, userId, payload });
    this.changes.hint();
  }

  /** May come from the replica. @throws DomainError PORTFOLIOS_NOT_FOUND, REQUEST_INVALID naming `from` or `step` */
  @Timed()
  @ReadSnapshot({ mayBeStale: ['portfolio_snapshots', 'portfolio_history'] })
  async history(principal: Principal, id: string, query: HistoryQuery): Promise<PortfolioHistory> {
    const to = query.to ? utcTime(query.to) : utcTime(this.clock.now().toISOString());
    const from = query.from
      ? utcTime(query.from)
      : utcTime(new Date(Math.max(Date.parse(to) - DAY_MS, 0)).toISOString());
    if (from > to) throw historyRange('from', from, `not after to (${to})`);
    const [fromMs, toMs, most] = [Date.parse(from), Date.parse(to), this.config.historyPointsMax];
    const step = query.step ?? finestStep(fromMs, toMs, Math.min(CHART_POINTS, most));
    const fitting = () =>
      `at least ${finestStep(fromMs, toMs, most - 1)} for this range (maximum ${most} points), or the range shorter`;
    if (bucketsIn(fromMs, toMs, step) > most) throw historyRange('step', step, fitting());
    const roll = await this.portfolios.rollOf(id, ownRowsOf(principal));
    if (!roll) throw portfolioNotFound(id);
    const answer = { portfolioId: id, from: shownTime(from), to: shownTime(to), step };
    const span = await this.histories.spanOf(id, from, to);
    if (!span) return { ...answer, points: [] };
    const days = this.calendars.daysOf(roll.venue, roll.dayRoll);
    const buckets = await bucketsOf(Date.parse(span.first), Date.parse(span.last), step, days);
    // A range may touch one session day more than days in UTC.
    if (buckets.length > most) throw historyRange('step', step, fitting());
    return { ...answer, points: await this.histories.series(id, from, to, buckets) };
  }
}

function portfolioKey(sort: ListPortfolios['sort'], row: PortfolioRow): OrderKey {
  const { portfolioId, broker, positions, asOf, updatedAt } = row;
  const values = { portfolioId: '', broker, positions: String(positions.length), asOf, updatedAt };
  return portfolioOrder.keyOf(sort, portfolioId, values);
}
