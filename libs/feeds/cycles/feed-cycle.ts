import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { Changes } from '#changes';
import { DomainError } from '#errors';
import { isConnectionLost, postgresError, Transactions } from '#database';
import { QuotesService } from '#portfolios';
import { correlationId } from '#telemetry';
import { cleanLine } from '#text';
import { Clock } from '#time';
import { CyclePrices } from './cycle-prices.js';
import { nextAfterFailure } from '../sources/feed-backoff.js';
import { FeedCyclesRepository } from './feed-cycles.repository.js';
import type { FeedPage } from './feed-fetcher.js';
import { FeedAlerts } from './feed-alerts.js';
import { FeedReader } from './feed-reader.js';
import type { Reading } from './reading.js';
import { FeedRecorder, type Taken } from './feed-recorder.js';
import type { CycleOutcome, ItemWarning } from '../sources/feed-source.js';
import { FeedLeasesRepository, type LeasedSource, type SourceProgress } from '../sources/feed-leases.repository.js';
import type { SourceRow } from '../sources/source-row.js';
import { feedsConfig, type FeedsConfig } from '../feeds.config.js';
import { leaseLost } from '../feeds.errors.js';
import { WARNINGS_KEPT } from '../formats/feed-item.js';

/** Result of one cycle. `lost`: the desk failed (its database, an expired lease), and nothing was recorded. */
export interface CycleResult extends Taken {
  outcome: CycleOutcome | 'lost';
  entries: number;
  unreadable: number;
  warnings: ItemWarning[];
  error: string | null;
}

const QUOTES_AT_ONCE = 5_000;
/** Delay in ms before the next attempt after a failure of the desk. */
const AGAIN_MS = 2_000;

const NOTHING = { fresh: 0, unalerted: 0, revised: 0, seen: 0 };
/** Reason of a cycle that failed by an error of this program, which is in the log. */
const INTERNAL =
  'The feed cannot be read because of an internal error. The log has it under the correlation id of the cycle.';

interface Visit {
  source: LeasedSource;
  startedAt: Date;
  /** A poll, and not a replay of a recorded one. */
  live: boolean;
}

/**
 * Runs one cycle of a leased source: fetches and parses, then claims, files, reports and records the result in one
 * transaction. Stores the validators (ETag) with the claims, so items that were not recorded are fetched again.
 */
@Injectable()
export class FeedCycle {
  private readonly logger = new Logger(FeedCycle.name);

  constructor(
    private readonly reader: FeedReader,
    private readonly recorder: FeedRecorder,
    private readonly quotes: QuotesService,
    private readonly leases: FeedLeasesRepository,
    private readonly cycles: FeedCyclesRepository,
    private readonly alerts: FeedAlerts,
    private readonly transactions: Transactions,
    private readonly changes: Changes,
    private readonly clock: Clock,
    @Inject(feedsConfig.token) private readonly config: FeedsConfig,
    @InjectMetric('feeds_cycles_total') private readonly outcomes: Counter<'outcome'>,
    @InjectMetric('feeds_cycle_duration_seconds') private readonly durations: Histogram<'stage'>,
    @InjectMetric('feeds_items_total') private readonly items: Counter<'outcome'>,
  ) {}

  /** Never rejects. A failing source is recorded as failed and does not delay other sources. */
  run(source: LeasedSource, prices: CyclePrices, signal: AbortSignal): Promise<CycleResult> {
    return this.visit(source, signal, true, () => this.reader.read(source, prices, signal));
  }

  /** Runs a cycle with a recorded poll. It is no contact with the feed, so each new item is told. */
  replay(source: LeasedSource, pages: readonly FeedPage[], now: Date): Promise<CycleResult> {
    return this.visit(source, undefined, false, () => this.reader.readRecorded(source, pages, now));
  }

  private async visit(
    source: LeasedSource,
    signal: AbortSignal | undefined,
    live: boolean,
    read: () => Promise<Reading>,
  ): Promise<CycleResult> {
    const visit = { source, startedAt: this.clock.now(), live };
    let failure: unknown;
    const reading = await read().catch((error: unknown) => {
      failure = error;
      return undefined;
    });
    try {
      if (signal?.aborted || isOwnFault(failure)) throw failure ?? signal?.reason;
      const result = await this.record(visit, reading, reading?.failure ?? this.shown(source, failure));
      this.measure(result, reading);
      return result;
    } catch (error) {
      return this.lose(source, error);
    }
  }

  /** An error of this program is logged, and not shown as the reason of a cycle. */
  private shown(source: LeasedSource, failure: unknown): Error | undefined {
    if (failure === undefined || failure instanceof DomainError) return failure;
    this.logger.error({ msg: 'a feed cycle failed because of an error', source: source.name, err: failure });
    return new Error(INTERNAL, { cause: failure });
  }

  private async record(visit: Visit, reading: Reading | undefined, failure: Error | undefined): Promise<CycleResult> {
    const { source, startedAt } = visit;
    const from = performance.now();
    const result = await this.transactions.atomic(async () => {
      const now = this.clock.now();
      const taken = reading === undefined || failure !== undefined ? NOTHING : await this.take(visit, reading, now);
      const outcome = failure === undefined ? outcomeOf(reading, taken) : 'failed';
      const row = await this.leases.lockLeased(source);
      if (row === undefined) throw leaseLost();
      const progress = this.progressOf(row, visit, outcome, reading, failure, now);
      const news = this.alerts.of({ ...row, ...countersAfter(row, outcome, progress, now) }, now.getTime());
      await this.leases.finish(source.id, { ...progress, state: news.state, raised: news.raised }, now);
      await this.alerts.record(row, news, progress, now);
      const result = {
        ...taken,
        outcome,
        entries: reading?.entries ?? 0,
        unreadable: reading?.unreadable ?? 0,
        warnings: reading?.warnings ?? [],
        error: progress.error,
      };
      await this.cycles.insert({
        ...result,
        warnings: result.warnings.slice(0, WARNINGS_KEPT),
        sourceId: source.id,
        startedAt,
        finishedAt: now,
        httpStatus: reading?.status ?? null,
        bytes: reading?.bytes ?? 0,
        fetchMs: Math.round(reading?.fetchMs ?? now.getTime() - startedAt.getTime()),
        parseMs: Math.round(reading?.parseMs ?? 0),
        recordMs: Math.round(performance.now() - from),
        correlationId: correlationId(),
      });
      await this.changes.append('feeds', [source.id]);
      return result;
    });
    this.durations.observe({ stage: 'record' }, (performance.now() - from) / 1_000);
    return result;
  }

  private async take({ source, live }: Visit, reading: Reading, now: Date): Promise<Taken> {
    let stored = 0;
    for (let at = 0; at < reading.quotes.length; at += QUOTES_AT_ONCE) {
      stored += (await this.quotes.post(reading.quotes.slice(at, at + QUOTES_AT_ONCE))).stored;
    }
    const { firstReadAt, updatedAt: addedAt, alertOnFirst } = source;
    const contact = live && firstReadAt === null ? { addedAt, alertOnFirst } : undefined;
    const taken = await this.recorder.take(source, reading.items, now, contact);
    return { ...taken, fresh: taken.fresh + stored, seen: taken.seen + reading.quotes.length - stored };
  }

  private progressOf(
    row: SourceRow,
    { source, live }: Visit,
    outcome: CycleOutcome,
    given: Reading | undefined,
    failure: Error | undefined,
    now: Date,
  ): SourceProgress {
    // A failed document leaves no validators: the same bytes must not count as a success.
    const reading = failure === undefined ? given : undefined;
    const failed = reading === undefined;
    const failures = failed ? row.consecutiveFailures + 1 : 0;
    const counts = !failed && outcome !== 'fresh' && this.alerts.hoursOf(row).isOpen(now.getTime());
    const retryAfterMs = (failure as { details?: { retryAfterMs?: number } } | undefined)?.details?.retryAfterMs;
    const { cadenceMs } = row;
    const body = !failed && !reading.unchanged;
    const gone = (failure as { code?: string } | undefined)?.code === 'FEEDS_GONE';
    // Where the URL was changed during the cycle, what it learned of the old one does not concern the new one.
    const isSameUrl = row.url === source.url;
    const learned = isSameUrl ? reading : undefined;
    // A new address that fails is forgotten, and the source's own is tried again.
    const isMoveLost = gone || failures >= this.config.failingAfter;
    return {
      success: !failed,
      fresh: outcome === 'fresh',
      body,
      firstRead: live && body && isSameUrl,
      movedTo: failed ? (isMoveLost ? null : row.movedTo) : (learned?.movedTo ?? row.movedTo),
      gone: gone && isSameUrl && row.movedTo === null,
      // Outside market hours silence does not count. A failure is not silence.
      consecutiveEmpty: outcome === 'fresh' ? 0 : row.consecutiveEmpty + (counts ? 1 : 0),
      consecutiveFailures: failures,
      state: row.state,
      raised: row.raised,
      etag: learned?.etag ?? row.etag,
      lastModified: learned?.lastModified ?? row.lastModified,
      bodyDigest: learned?.bodyDigest ?? row.bodyDigest,
      error: failure === undefined ? null : cleanLine(failure.message.slice(0, 500)),
      nextInMs: failed
        ? nextAfterFailure({
            cadenceMs,
            failures,
            maxMs: this.config.backoffMaxMs,
            retryAfterMs,
            random: Math.random(),
          })
        : cadenceMs,
    };
  }

  private async lose(source: LeasedSource, error: unknown): Promise<CycleResult> {
    this.logger.warn({
      msg: 'a feed cycle could not be recorded; none of its items is stored',
      source: source.name,
      err: error,
    });
    this.outcomes.inc({ outcome: 'lost' });
    // Best effort: without the database, the lease expires by itself.
    await this.leases.handBack(source, AGAIN_MS).catch(() => undefined);
    return {
      ...NOTHING,
      outcome: 'lost',
      entries: 0,
      unreadable: 0,
      warnings: [],
      error: (error as Error | undefined)?.message ?? String(error),
    };
  }

  private measure(result: CycleResult, reading: Reading | undefined): void {
    this.outcomes.inc({ outcome: result.outcome });
    for (const outcome of ['fresh', 'revised', 'seen', 'unreadable'] as const)
      this.items.inc({ outcome }, result[outcome]);
    if (reading === undefined) return;
    this.durations.observe({ stage: 'fetch' }, reading.fetchMs / 1_000);
    this.durations.observe({ stage: 'parse' }, reading.parseMs / 1_000);
  }
}

function outcomeOf(reading: Reading | undefined, taken: Taken): CycleOutcome {
  if (taken.fresh + taken.revised > 0) return 'fresh';
  return reading?.unchanged ? 'unchanged' : 'empty';
}

/** The counters after this cycle, from which the state follows. */
function countersAfter(row: SourceRow, outcome: CycleOutcome, progress: SourceProgress, now: Date) {
  return {
    consecutiveEmpty: progress.consecutiveEmpty,
    consecutiveFailures: progress.consecutiveFailures,
    unfinished: 0,
    goneAt: progress.gone ? now : null,
    lastSuccessAt: progress.success ? now : row.lastSuccessAt,
    lastItemAt: outcome === 'fresh' ? now : row.lastItemAt,
  };
}

/** Whether the database or the lease failed, which says nothing about the feed. */
function isOwnFault(error: unknown): boolean {
  if (error === undefined) return false;
  const { code } = error as { code?: unknown };
  return (
    code === 'FEEDS_LEASE_LOST' ||
    (typeof code === 'string' && /^(DATABASE|THREADS)_/.test(code)) ||
    postgresError(error) !== undefined ||
    (!String(code).startsWith('EGRESS_') &&
      !String(code).startsWith('RESILIENCE_') &&
      !String(code).startsWith('FEEDS_') &&
      isConnectionLost(error))
  );
}
