import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { Transactions } from '#database';
import type { DomainError } from '#errors';
import { importRunning } from '../instruments.errors.js';
import { ImportComparison } from './import-comparison.js';
import { refusalOfNoRows } from './import-guards.js';
import { ImportMergeRepository } from './import-merge.repository.js';
import type { MasterMapping } from '../masters/master-mapping.js';
import type { MasterText } from '../masters/master-text.js';
import type { ImportCounts, ImportResult } from './import-counts.js';
import { ImportNotices } from './import-notices.js';
import { ImportsRepository } from './imports.repository.js';
import { MasterReadings, once } from './master-readings.js';
import type { StagingLines } from '../masters/staging-lines.js';

export interface ImportOptions {
  /** The namespace of the keys, e.g. `zerodha`; also chooses among the built-in masters. */
  broker: string;
  /** Name under which the import is listed: a file's name, a URL. */
  source: string;
  /** Imports in spite of the guards: of delistings, quarantined rows, dates and keys, and of unreadable rows. */
  force?: boolean;
  /** The file is a part of a master. It inserts and updates, and delists nothing. */
  partial?: boolean;
  /** For masters that are not built in. */
  mapping?: MasterMapping;
  userId?: string;
  /** Marks inserted rows as demo data, which `demo clear` removes. */
  demo?: boolean;
  /** Called after each piece (some 64 KiB): rows read, and bytes of the source as it came. */
  onProgress?: (rows: number, bytes: number) => void;
}

type Changed = Omit<ImportCounts, 'quarantined' | 'filtered' | 'warnings'>;

/** Imports instrument masters. One transaction from the first row to the last count, so a killed import leaves no trace. */
@Injectable()
export class InstrumentImporter {
  private readonly logger = new Logger(InstrumentImporter.name);

  constructor(
    private readonly transactions: Transactions,
    private readonly readings: MasterReadings,
    private readonly imports: ImportsRepository,
    private readonly merge: ImportMergeRepository,
    private readonly comparison: ImportComparison,
    private readonly news: ImportNotices,
    @InjectMetric('instruments_import_rows_total') private readonly rowsTotal: Counter<'outcome'>,
    @InjectMetric('instruments_import_duration_seconds') private readonly seconds: Histogram<'kind' | 'result'>,
  ) {}

  /**
   * Reads a whole master: CSV or JSON, plain, gzip or in a ZIP file, detected by content. Contracts of the exchanges in it that
   * the same mapping imported and that are missing from it are delisted; others stay.
   * @throws DomainError INSTRUMENTS_FILE_*, INSTRUMENTS_SOURCE_*, INSTRUMENTS_WRONG_HEADER (422, 413), INSTRUMENTS_IMPORT_RUNNING,
   * INSTRUMENTS_DELISTING_TOO_MANY, INSTRUMENTS_QUARANTINED_TOO_MANY, INSTRUMENTS_DATES_IMPLAUSIBLE,
   * INSTRUMENTS_KEYS_REASSIGNED (409), INSTRUMENTS_IMPORTS_BUSY (503)
   */
  async import(source: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportResult> {
    const started = performance.now();
    const { broker, source: name, mapping } = options;
    try {
      return await this.readings.read(source, broker, mapping, async (lines, text) => {
        const result = await this.transactions.atomic(once(() => this.inTransaction(text, lines, options, started)));
        this.count(result);
        this.logger.log({ msg: 'instrument master imported', broker, source: name, rows: lines.rows, ...result });
        return result;
      });
    } catch (error) {
      this.seconds.observe({ kind: 'import', result: 'refused' }, (performance.now() - started) / 1_000);
      throw error;
    }
  }

  private async inTransaction(
    text: MasterText,
    lines: StagingLines,
    options: ImportOptions,
    started: number,
  ): Promise<ImportResult> {
    const { broker, force = false } = options;
    if (!(await this.imports.lockBroker(broker))) throw importRunning(broker);
    const importId = await this.imports.insert({
      broker,
      kind: 'import',
      source: options.source,
      master: lines.mapping.name,
      forced: force,
      restores: null,
      isDemo: options.demo ?? false,
      createdBy: options.userId ?? null,
    });
    const first = await this.merge.isFirst(broker);
    const changed = first
      ? await this.fill(importId, text, lines, options)
      : await this.mergeInto(importId, text, lines, options);
    if (changed.inserted + changed.updated + changed.relisted > 0) await this.merge.addNames(broker, first);
    await this.imports.addIssues(importId, lines.issues);
    const { quarantined, filtered, warnings } = lines;
    const counts: ImportCounts = { ...changed, quarantined, filtered, warnings };
    const durationMs = Math.round(performance.now() - started);
    await this.imports.finish(importId, counts, {
      rows: lines.rows,
      sha256: text.sha256(),
      exchanges: lines.exchanges,
      durationMs,
    });
    const { source, mapping, userId } = options;
    const notice = {
      importId,
      broker,
      source,
      master: lines.mapping.name,
      mappingGiven: mapping !== undefined,
      userId,
    };
    await this.news.tell({ ...notice, kind: 'import' }, counts);
    return { importId, ...counts, durationMs };
  }

  /** The first import of a broker: nothing to compare with. The few rows that repeat a key are merged after the others. */
  private async fill(
    importId: string,
    text: MasterText,
    lines: StagingLines,
    options: ImportOptions,
  ): Promise<Changed> {
    const { broker, demo = false } = options;
    const master = lines.mapping.name;
    const prefix = this.merge.copyPrefix(importId, broker, demo, master);
    await this.merge.load(withProgress(lines, text, options.onProgress, prefix));
    refuse(refusalOfNoRows(lines));
    if (!options.force) refuse(await this.comparison.refusalOf(lines, broker, true));
    let lookAlikes = 0;
    if (lines.leftOver.length > 0) {
      await this.merge.stage(asyncly(lines.leftOver));
      await this.merge.dropRepeatedKeys();
      await this.merge.compare(broker, this.comparison.today, master);
      await this.merge.overwrite();
      lookAlikes = await this.merge.insert(importId, broker, demo, master);
    }
    return {
      inserted: lines.good - lines.leftOver.length + lookAlikes,
      updated: 0,
      unchanged: 0,
      relisted: 0,
      delisted: 0,
    };
  }

  private async mergeInto(
    importId: string,
    text: MasterText,
    lines: StagingLines,
    options: ImportOptions,
  ): Promise<Changed> {
    const { broker } = options;
    const master = lines.mapping.name;
    await this.merge.stage(withProgress(lines, text, options.onProgress));
    refuse(refusalOfNoRows(lines));
    const { repeated, refusal } = await this.comparison.compare(lines, options);
    if (!options.force) refuse(refusal);
    const delisted = await this.merge.delist(importId);
    const updated = await this.merge.rewrite(importId, 'update', master);
    const relisted = await this.merge.rewrite(importId, 'relist', master);
    const inserted = await this.merge.insert(importId, broker, options.demo ?? false, master);
    await this.merge.adopt(importId, master);
    return { inserted, updated, unchanged: lines.good - repeated - inserted - updated - relisted, relisted, delisted };
  }

  private count(result: ImportResult): void {
    for (const outcome of [
      'inserted',
      'updated',
      'unchanged',
      'relisted',
      'delisted',
      'quarantined',
      'filtered',
    ] as const)
      this.rowsTotal.inc({ outcome }, result[outcome]);
    this.seconds.observe({ kind: 'import', result: 'done' }, result.durationMs / 1_000);
  }
}

async function* withProgress(
  lines: StagingLines,
  text: MasterText,
  onProgress: ImportOptions['onProgress'],
  prefix?: () => string,
): AsyncGenerator<string> {
  for await (const piece of lines.copyText(prefix)) {
    yield piece;
    onProgress?.(lines.rows, text.bytes);
  }
}

async function* asyncly(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

function refuse(refusal: DomainError | undefined): void {
  if (refusal) throw refusal;
}
