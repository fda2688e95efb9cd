import { Inject, Injectable } from '@nestjs/common';
import { ownRowsOf, type Principal } from '#auth';
import { ReadSnapshot } from '#database';
import type { ExportFile } from '../exports/export-document.js';
import type { ExportFormat, ExportReading } from '../exports/export-reading.js';
import type readBrokerExport from '../exports/read-broker-export.js';
import { parseRequest } from '#http';
import { Threads, threadTask } from '#threads';
import { Clock, shownTime, utcTime } from '#time';
import { PortfolioValuesService } from '../portfolio-values.service.js';
import { summaryOf } from '../portfolio-views.js';
import { portfoliosConfig, type PortfoliosConfig } from '../portfolios.config.js';
import { exportEmpty, exportThreadRefused, exportUnreadable, importAccountMissing } from '../portfolios.errors.js';
import { type PortfolioRow, PortfoliosRepository } from '../portfolios.repository.js';
import { putSnapshot, type Snapshot } from '../snapshots/snapshot.dto.js';
import { SnapshotsService } from '../snapshots/snapshots.service.js';
import { portfolioId as idOfPortfolio } from '../wire-fields.js';
import { preparedOf } from '../snapshots/snapshot-outcomes.js';
import {
  namedColumns,
  type PortfolioImport,
  portfolioImportQuery,
  type PortfolioImportQuery,
} from './portfolio-import.dto.js';

/** Statements of 8 MiB take less than a second, and three on a shared core. */
const exportTask = threadTask<typeof readBrokerExport>({
  name: 'portfolios-export',
  module: import.meta.resolve('../exports/read-broker-export.js'),
  deadlineMs: 10_000,
  heapMb: 384,
});

const BROKERS: Partial<Record<ExportFormat, string>> = {
  kite: 'zerodha',
  'binance-spot': 'binance',
  'binance-usdm': 'binance',
  'binance-coinm': 'binance',
  'ibkr-flex': 'ibkr',
  'ibkr-activity': 'ibkr',
};

/** Makes snapshots of what brokers export. */
@Injectable()
export class PortfolioImportsService {
  constructor(
    private readonly portfolios: PortfoliosRepository,
    private readonly snapshots: SnapshotsService,
    private readonly values: PortfolioValuesService,
    private readonly threads: Threads,
    private readonly clock: Clock,
    @Inject(portfoliosConfig.token) private readonly config: PortfoliosConfig,
  ) {}

  /** Bytes that the documents of one account may have together. */
  get bytesMax(): number {
    return this.config.importBytesMax;
  }

  /**
   * Reads the documents of one account and stores them as its snapshot.
   * @throws DomainError PORTFOLIOS_EXPORT_UNREADABLE, PORTFOLIOS_EXPORT_EMPTY, REQUEST_INVALID, and those of SnapshotsService.put
   */
  async import(
    principal: Principal,
    portfolioId: string,
    files: readonly ExportFile[],
    query: PortfolioImportQuery,
  ): Promise<PortfolioImport> {
    const now = this.clock.now().toISOString();
    const known = await this.portfolios.find(portfolioId, ownRowsOf(principal));
    const reading = await this.read(principal, files, { ...query, account: query.account ?? known?.account }, now);
    const snapshot = snapshotOf(portfolioId, reading, query, known, now);
    if (isEmpty(reading, query.format) && !query.allowEmpty) throw exportEmpty(query.format, reading);
    const worth = await this.worthOf(principal, snapshot, reading);
    const { dryRun = false } = query;
    if (dryRun) await this.snapshots.check(principal, snapshot);
    const put = dryRun ? undefined : await this.snapshots.put(principal, snapshot);
    const { broker, account, asOf, currency } = snapshot;
    const older = dryRun && known !== undefined && known.asOf >= utcTime(asOf, 3);
    return {
      portfolioId,
      format: query.format,
      status: put === undefined ? 'read' : put.status === 'stored' ? 'stored' : 'stale',
      ...{ broker, account, asOf: shownTime(utcTime(asOf)), currency },
      cash: snapshot.cashBalances ?? [{ currency, amount: snapshot.cash ?? '0' }],
      positions: reading.positions,
      worth,
      understood: reading.understood,
      ignored: reading.ignored,
      rates: reading.rates,
      notes: [
        ...reading.notes,
        ...(reading.cash === null && query.cash === undefined
          ? ['The cash is not known and counts as 0; name it in `cash`.']
          : []),
        ...(older
          ? [`The portfolio has a snapshot of ${known.asOf}, which is as new or newer: this one would be stale.`]
          : []),
      ],
    };
  }

  /** As `import`, with options that are not checked yet. @throws DomainError REQUEST_INVALID */
  async importAs(
    principal: Principal,
    portfolioId: string,
    files: readonly ExportFile[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<PortfolioImport> {
    return this.import(
      principal,
      parseRequest('path', idOfPortfolio, portfolioId),
      files,
      parseRequest('query', portfolioImportQuery, options),
    );
  }

  /** Reads the documents of one account. @throws DomainError PORTFOLIOS_EXPORT_UNREADABLE */
  async read(
    principal: Principal,
    files: readonly ExportFile[],
    { format, account, currency, keys, columns, decimalMark }: PortfolioImportQuery,
    now: string,
  ): Promise<ExportReading> {
    const options = { now, account, currency, keys, columns: namedColumns(columns), decimalMark };
    const read = await this.threads
      .run(
        exportTask,
        { format, files: [...files], options },
        { key: principal.userId, transfer: files.map(({ bytes }) => bytes.buffer as ArrayBuffer) },
      )
      .catch((error: unknown) => {
        throw exportThreadRefused(error) ?? error;
      });
    if ('refused' in read) throw exportUnreadable(read.refused);
    return read;
  }

  /** What the documents are worth by themselves: at their prices, by their rates and those of the desk. */
  @ReadSnapshot()
  protected async worthOf(
    principal: Principal,
    snapshot: Snapshot,
    { rates }: ExportReading,
  ): Promise<PortfolioImport['worth']> {
    const prepared = preparedOf(snapshot, principal.userId);
    const row: PortfolioRow = {
      ...prepared,
      cashBalances: prepared.cashBalances ?? [],
      updatedAt: prepared.asOf,
      closedAt: null,
      venue: prepared.venue ?? null,
      dayRoll: prepared.dayRoll ?? null,
      value: prepared.value ?? null,
      dayPnl: prepared.dayPnl ?? null,
      dayFees: prepared.dayFees ?? null,
    };
    const own = rates.map((rate) => ({ ...rate, asOf: prepared.asOf, previousClose: null, previousCloseAsOf: null }));
    const table = await this.values.rateTableAt(0, own);
    const [worth] = await this.values.value([row], 'snapshot', await this.values.factsAt(0, table));
    const { value, dayPnl, known, byCurrency, incomplete, reconciliation } = summaryOf(worth!);
    return { value, dayPnl, known, byCurrency, incomplete, ...(reconciliation && { reconciliation }) };
  }
}

/** Balances are what a wallet has; every other format has positions. */
function isEmpty({ positions, cash }: ExportReading, format: ExportFormat): boolean {
  return positions.length === 0 && !(format === 'binance-spot' && cash !== null && cash.length > 0);
}

/**
 * The snapshot that the documents are.
 * @param known the portfolio, if it exists and the caller may see it
 * @throws DomainError REQUEST_INVALID
 */
function snapshotOf(
  portfolioId: string,
  reading: ExportReading,
  query: PortfolioImportQuery,
  known: PortfolioRow | undefined,
  now: string,
): Snapshot {
  const { currency } = reading;
  const account = query.account ?? reading.account ?? known?.account;
  if (account === undefined) throw importAccountMissing(query.format);
  const cash = reading.cash ?? [{ currency, amount: query.cash ?? '0' }];
  const single = cash.every((amount) => amount.currency === currency);
  const { venue, dayRoll, value, dayPnl, dayFees } = reading;
  const body = {
    broker: query.broker ?? known?.broker ?? BROKERS[query.format] ?? query.format,
    account,
    asOf: query.asOf ?? reading.asOf ?? now,
    currency,
    ...(single ? { cash: cash[0]?.amount ?? '0' } : { cashBalances: cash }),
    ...{ venue, dayRoll, value, dayPnl, dayFees },
    positions: reading.positions.map(({ symbol: _, ...position }) => position),
    ...(query.userId === undefined ? {} : { userId: query.userId }),
  };
  return { ...parseRequest('body', putSnapshot, JSON.parse(JSON.stringify(body))), portfolioId };
}
