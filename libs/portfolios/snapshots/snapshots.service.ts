import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { isOperator, type Principal } from '#auth';
import { Changes } from '#changes';
import { postgresError, Transactions } from '#database';
import { EventLog, type RecordedEvent } from '#events';
import { Clock, utcTime } from '#time';
import { latestOfEach } from '../latest-of-each.js';
import { MarksRepository } from '../marks.repository.js';
import { portfolioOpened, portfolioOwnerChanged } from '../portfolio-events.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { aheadOfTime, ownerRefused, ownerUnknown } from '../portfolios.errors.js';
import { PricingLocksRepository } from '../pricing-locks.repository.js';
import { aheadIssues, issuesOf, statusOfKept } from '../snapshot-checks.js';
import { type GainedPortfolio, PortfolioQuotas } from './portfolio-quotas.js';
import type { Snapshot, SnapshotStatus } from './snapshot.dto.js';
import { type PreparedSnapshot, SnapshotsRepository, type StoredSnapshot } from './snapshots.repository.js';

/** Snapshots per statement. SnapshotsRepository has the measurements. */
const CHUNK = 2500;

type Outcome = StoredSnapshot & { status: SnapshotStatus['status'] };

/** Stores the snapshots of a call in one transaction: all or none. */
@Injectable()
export class SnapshotsService {
  constructor(
    private readonly snapshots: SnapshotsRepository,
    private readonly marks: MarksRepository,
    private readonly locks: PricingLocksRepository,
    private readonly quotas: PortfolioQuotas,
    private readonly transactions: Transactions,
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
    @InjectMetric('portfolios_snapshots_total') private readonly received: Counter<'status'>,
  ) {}

  /**
   * Stores each portfolio's newest snapshot (the last of equally new ones); others of the same portfolio are `stale`.
   * Returns one status per item, in the order sent.
   * @param at the path of item `index` in the request, for messages
   * @throws DomainError REQUEST_INVALID (asOf, userId), PORTFOLIOS_OWNER_REFUSED, PORTFOLIOS_NOT_YOURS,
   *   PORTFOLIOS_OWNER_MISMATCH, PORTFOLIOS_ACCOUNT_MISMATCH, PORTFOLIOS_TOO_MANY, PORTFOLIOS_TOO_MANY_POSITIONS
   */
  async store(
    principal: Principal,
    snapshots: readonly Snapshot[],
    at: (index: number, field: string) => string,
  ): Promise<SnapshotStatus[]> {
    const ahead = aheadIssues(
      snapshots,
      (index) => at(index, 'asOf'),
      this.clock.now().getTime(),
      this.config.aheadToleranceMs,
    );
    if (ahead.length > 0) throw aheadOfTime(ahead);
    const operator = isOperator(principal);
    const foreign = issuesOf(
      snapshots,
      ({ userId }) => (!operator && userId !== undefined && userId !== principal.userId ? userId : undefined),
      (index) => at(index, 'userId'),
      'your own id, or no userId',
    );
    if (foreign.length > 0) throw ownerRefused(foreign);

    this.quotas.checkPositions(snapshots, (index) => at(index, 'positions'));

    const items = snapshots.map((snapshot): PreparedSnapshot => {
      return { ...snapshot, userId: snapshot.userId ?? principal.userId, asOf: utcTime(snapshot.asOf) };
    });
    const latest = latestOfEach(items, ({ portfolioId }) => portfolioId);
    const outcomes = await this.transactions
      .atomic(async () => {
        const written = await this.write(latest, { userId: principal.userId, operator });
        await this.quotas.keepPortfolios(gainedOf(items, written, (index) => at(index, 'portfolioId')));
        return written;
      })
      .catch((error: unknown) => {
        throw this.unknownOwner(error, items, at) ?? error;
      });
    const winners = new Set(latest);
    return items.map((item): SnapshotStatus => {
      const status = winners.has(item) ? outcomes.get(item.portfolioId)!.status : 'stale';
      this.received.inc({ status });
      return { portfolioId: item.portfolioId, status };
    });
  }

  private async write(
    latest: readonly PreparedSnapshot[],
    caller: { userId: string; operator: boolean },
  ): Promise<ReadonlyMap<string, Outcome>> {
    await this.locks.share([...new Set(latest.map(({ broker }) => broker))]);
    const outcomes = new Map<string, Outcome>();
    for (let from = 0; from < latest.length; from += CHUNK) {
      for (const outcome of await this.writeChunk(latest.slice(from, from + CHUNK), caller))
        outcomes.set(outcome.portfolioId, outcome);
    }
    const outpriced = [...outcomes.values()]
      .filter(({ stored, outpriced }) => stored && outpriced)
      .map(({ portfolioId }) => portfolioId);
    await this.marks.markPortfolios(outpriced);
    await this.record(latest, outcomes, caller.userId);
    return outcomes;
  }

  private async writeChunk(
    chunk: readonly PreparedSnapshot[],
    caller: { userId: string; operator: boolean },
  ): Promise<Outcome[]> {
    const sent = new Map(chunk.map((item) => [item.portfolioId, item]));
    const results = await this.snapshots.store(chunk, caller.userId);
    const left = results.filter(({ stored }) => !stored).map(({ portfolioId }) => sent.get(portfolioId)!);
    const kept = new Map((left.length > 0 ? await this.snapshots.kept(left) : []).map((row) => [row.portfolioId, row]));
    return results.map((result) => {
      const status = result.stored
        ? 'stored'
        : statusOfKept(sent.get(result.portfolioId)!, result, kept.get(result.portfolioId), caller);
      return { ...result, status };
    });
  }

  private async record(
    latest: readonly PreparedSnapshot[],
    outcomes: ReadonlyMap<string, Outcome>,
    callerId: string,
  ): Promise<void> {
    const events = latest.flatMap(({ portfolioId, broker, account, currency, userId }): RecordedEvent[] => {
      const { opened, previousUserId } = outcomes.get(portfolioId)!;
      if (opened)
        return [
          {
            type: portfolioOpened.type,
            broker,
            userId,
            payload: { portfolioId, broker, account, currency, openedBy: callerId },
          },
        ];
      if (!previousUserId) return [];
      return [
        {
          type: portfolioOwnerChanged.type,
          broker,
          userId,
          payload: { portfolioId, previousUserId, userId, changedBy: callerId },
        },
      ];
    });
    if (events.length > 0) await this.events.recordMany(events);
    if ([...outcomes.values()].some(({ stored }) => stored)) this.changes.hint();
  }

  /** Unknown userId: the foreign key refuses it and names the id in its detail. */
  private unknownOwner(
    error: unknown,
    items: readonly PreparedSnapshot[],
    at: (index: number, field: string) => string,
  ): Error | undefined {
    const failure = postgresError(error);
    if (failure?.constraint !== 'fk_portfolio_snapshots_user') return undefined;
    const unknown = /\(user_id\)=\(([0-9a-f-]+)\)/.exec(failure.detail ?? '')?.[1];
    const issues = issuesOf(
      items,
      ({ userId }) => (userId === unknown ? userId : undefined),
      (index) => at(index, 'userId'),
      'the id of a user',
    );
    return ownerUnknown(issues, error);
  }
}

/** The portfolios that were opened or moved, in the order of the request. */
function gainedOf(
  items: readonly PreparedSnapshot[],
  outcomes: ReadonlyMap<string, Outcome>,
  field: (index: number) => string,
): GainedPortfolio[] {
  const gained = new Map<string, GainedPortfolio>();
  for (const [index, { portfolioId, userId }] of items.entries()) {
    const { opened, previousUserId } = outcomes.get(portfolioId)!;
    if ((opened || previousUserId !== null) && !gained.has(portfolioId))
      gained.set(portfolioId, { portfolioId, userId, field: field(index) });
  }
  return [...gained.values()];
}
