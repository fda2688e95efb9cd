import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { isOperator, type Principal } from '#auth';
import { Changes } from '#changes';
import { Transactions } from '#database';
import type { DomainError } from '#errors';
import { EventLog } from '#events';
import { Timed } from '#telemetry';
import { Clock } from '#time';
import { latestOfEach } from '../latest-of-each.js';
import { PortfolioPointsService } from '../portfolio-points.service.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { aheadOfTime, ownerRefused, portfolioRemoved } from '../portfolios.errors.js';
import { refusalOver } from '../snapshot-checks.js';
import { PortfolioQuotas } from './portfolio-quotas.js';
import { eventsOf, futureTimesOf, preparedOf, type SnapshotOutcome, statusesOf } from './snapshot-outcomes.js';
import type { InvalidSnapshot, Snapshot, SnapshotStatus } from './snapshot.dto.js';
import {
  type OwnedPortfolio,
  type PreparedSnapshot,
  SnapshotsRepository,
  type StoredSnapshot,
} from './snapshots.repository.js';

/** Snapshots per statement. SnapshotsRepository has the measurements. */
const CHUNK = 2500;

interface Caller {
  userId: string;
  operator: boolean;
}

/** Stores snapshots, those of one call in one transaction. A snapshot that is refused does not refuse the others. */
@Injectable()
export class SnapshotsService {
  constructor(
    private readonly snapshots: SnapshotsRepository,
    private readonly points: PortfolioPointsService,
    private readonly quotas: PortfolioQuotas,
    private readonly transactions: Transactions,
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
    @InjectMetric('portfolios_snapshots_total') private readonly received: Counter<'status'>,
  ) {}

  /**
   * Stores one snapshot.
   * @throws DomainError REQUEST_INVALID (asOf, userId), PORTFOLIOS_OWNER_REFUSED, PORTFOLIOS_NOT_YOURS,
   *   PORTFOLIOS_OWNER_MISMATCH, PORTFOLIOS_ACCOUNT_MISMATCH, PORTFOLIOS_CLOSED, PORTFOLIOS_TOO_MANY, PORTFOLIOS_TOO_MANY_POSITIONS,
   *   PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER
   */
  @Timed()
  async put(principal: Principal, snapshot: Snapshot): Promise<SnapshotStatus> {
    const [outcome] = await this.outcomesOf(principal, [snapshot]);
    if (outcome!.refusal) throw outcome!.refusal;
    return statusesOf([outcome!])[0]!;
  }

  /** Throws what `put` would throw for a snapshot, and stores nothing. */
  async check(principal: Principal, snapshot: Snapshot): Promise<void> {
    const caller = { userId: principal.userId, operator: isOperator(principal) };
    const sent = this.prepare(snapshot, caller);
    const outcome =
      'status' in sent
        ? sent
        : await this.transactions.atomic(async () => (await this.plan([sent], caller)).outcomes.get(sent));
    if (outcome?.refusal) throw outcome.refusal;
  }

  /**
   * Stores each portfolio's newest snapshot (the last of equally new ones); others of the same portfolio are `stale`. An item
   * that may not be stored is `refused`, with the code of the error that `put` throws. Returns one status per item, in the
   * order sent.
   */
  @Timed()
  async store(principal: Principal, snapshots: readonly (Snapshot | InvalidSnapshot)[]): Promise<SnapshotStatus[]> {
    return statusesOf(await this.outcomesOf(principal, snapshots));
  }

  private async outcomesOf(
    principal: Principal,
    snapshots: readonly (Snapshot | InvalidSnapshot)[],
  ): Promise<SnapshotOutcome[]> {
    const caller = { userId: principal.userId, operator: isOperator(principal) };
    const sent = snapshots.map((snapshot) => this.prepare(snapshot, caller));
    const prepared = sent.filter((item): item is PreparedSnapshot => !('status' in item));
    const written = await this.transactions.atomic(() => this.write(prepared, caller));
    const outcomes = sent.map((item): SnapshotOutcome =>
      'status' in item ? item : (written.get(item) ?? { portfolioId: item.portfolioId, status: 'stale' }),
    );
    for (const { status } of outcomes) this.received.inc({ status });
    return outcomes;
  }

  /** What can be checked without the database. */
  private prepare(snapshot: Snapshot | InvalidSnapshot, caller: Caller): PreparedSnapshot | SnapshotOutcome {
    const refusal = 'invalid' in snapshot ? snapshot.invalid : this.refusalOf(snapshot, caller);
    return refusal === undefined
      ? preparedOf(snapshot as Snapshot, caller.userId)
      : { portfolioId: snapshot.portfolioId, status: 'refused', refusal };
  }

  private refusalOf(snapshot: Snapshot, caller: Caller): DomainError | undefined {
    const ahead = futureTimesOf(snapshot, this.clock.now().getTime(), this.config.aheadToleranceMs);
    if (ahead.length > 0) return aheadOfTime(ahead);
    const { userId, positions } = snapshot;
    if (!caller.operator && userId !== undefined && userId !== caller.userId) return ownerRefused(userId);
    return this.quotas.refusalOfPositions(positions.length);
  }

  /** @returns the outcomes of the snapshots that were written or refused; the others are stale */
  private async write(
    sent: readonly PreparedSnapshot[],
    caller: Caller,
  ): Promise<Map<PreparedSnapshot, SnapshotOutcome>> {
    if (sent.length === 0) return new Map();
    const { outcomes, fitting, quotas } = await this.plan(sent, caller);
    const grown = new Map<string, number>();
    for (let from = 0; from < fitting.length; from += CHUNK)
      for (const [item, outcome] of await this.writeChunk(fitting.slice(from, from + CHUNK), caller, grown))
        outcomes.set(item, outcome);
    await this.quotas.confirm(grown, quotas);
    return outcomes;
  }

  /** Which snapshots are refused, and which of the others are written: the newest of each portfolio. */
  private async plan(sent: readonly PreparedSnapshot[], caller: Caller) {
    const outcomes = new Map<PreparedSnapshot, SnapshotOutcome>();
    const refuse = (item: PreparedSnapshot, refusal: DomainError | undefined) =>
      refusal && outcomes.set(item, { portfolioId: item.portfolioId, status: 'refused', refusal });
    const ids = [...new Set(sent.map(({ portfolioId }) => portfolioId))];
    const known = new Map((await this.snapshots.owned(ids)).map((row) => [row.portfolioId, row]));
    for (const item of sent) {
      const kept = known.get(item.portfolioId);
      if (kept) refuse(item, refusalOver(item, kept, caller));
    }
    const accepted = sent.filter((item) => !outcomes.has(item));
    const latest = latestOfEach(accepted, ({ portfolioId }) => portfolioId);
    const newest = new Set(latest);
    const quotas = await this.quotas.plan(
      accepted.filter((item) => newest.has(item)).map((item) => sentOf(item, known.get(item.portfolioId))),
    );
    for (const item of accepted) refuse(item, quotas.refusals.get(item.portfolioId));
    return { outcomes, fitting: latest.filter((item) => !outcomes.has(item)), quotas };
  }

  private async writeChunk(
    chunk: readonly PreparedSnapshot[],
    caller: Caller,
    grown: Map<string, number>,
  ): Promise<Map<PreparedSnapshot, SnapshotOutcome>> {
    const sent = new Map(chunk.map((item) => [item.portfolioId, item]));
    const results = await this.snapshots.store(chunk, caller.userId);
    for (const result of results) {
      const owner = sent.get(result.portfolioId)!.userId;
      grown.set(owner, (grown.get(owner) ?? 0) + result.grown);
    }
    await this.follow(results, sent, caller);
    const left = results.filter(({ stored }) => !stored).map(({ portfolioId }) => sent.get(portfolioId)!);
    const kept = new Map((left.length > 0 ? await this.snapshots.kept(left) : []).map((row) => [row.portfolioId, row]));
    return new Map(
      results.map(({ portfolioId, stored, digest }): [PreparedSnapshot, SnapshotOutcome] => {
        const item = sent.get(portfolioId)!;
        if (stored) return [item, { portfolioId, status: 'stored' }];
        const row = kept.get(portfolioId);
        const refusal = row ? refusalOver(item, row, caller) : portfolioRemoved(portfolioId);
        if (refusal) return [item, { portfolioId, status: 'refused', refusal }];
        // The same snapshot again, character for character: a client that lost the answer may send it again.
        const same = row!.sameAsOf && row!.digest === digest && row!.userId === item.userId;
        return [item, { portfolioId, status: same ? 'stored' : 'stale' }];
      }),
    );
  }

  /** What follows from snapshots that were stored: points of histories, events and a hint to readers. */
  private async follow(
    results: readonly StoredSnapshot[],
    sent: ReadonlyMap<string, PreparedSnapshot>,
    caller: Caller,
  ): Promise<void> {
    const stored = results.filter((result) => result.stored);
    if (stored.length === 0) return;
    await this.points.addSnapshots(stored.map(({ portfolioId }) => portfolioId));
    const events = stored.flatMap((result) => eventsOf(sent.get(result.portfolioId)!, result, caller.userId));
    if (events.length > 0) await this.events.recordMany(events);
    this.changes.hint();
  }
}

function sentOf({ userId, portfolioId, asOf, positions }: PreparedSnapshot, kept: OwnedPortfolio | undefined) {
  const held = kept?.userId === userId ? kept.positions : undefined;
  return { userId, portfolioId, asOf, positions: positions.length, held };
}
