import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter, Histogram } from 'prom-client';
import { Transactions } from '#database';
import { Clock, dayIn } from '#time';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import {
  allQuarantined,
  importRunning,
  notRepeatable,
  tooManyDelisted,
  tooManyImports,
} from '../instruments.errors.js';
import { ImportMergeRepository } from './import-merge.repository.js';
import type { MasterMapping } from '../masters/master-mapping.js';
import { MasterText } from '../masters/master-text.js';
import type { ImportCounts, ImportResult } from './import-counts.js';
import { ImportNotices } from './import-notices.js';
import { ImportsRepository } from './imports.repository.js';
import { StagingLines } from '../masters/staging-lines.js';

export interface ImportOptions {
  /** The namespace of the keys, e.g. `zerodha`; also chooses among the built-in masters. */
  broker: string;
  /** Name under which the import is listed: a file's name, a URL. */
  source: string;
  /** Delists even when it is more than `delistPercent`, and in spite of unreadable rows. */
  force?: boolean;
  /** For masters that are not built in. */
  mapping?: MasterMapping;
  userId?: string;
  /** Marks inserted rows as demo data, which `demo clear` removes. */
  demo?: boolean;
  /** Called after each piece (some 64 KiB): rows read, and bytes of the source as it came. */
  onProgress?: (rows: number, bytes: number) => void;
}

const MAX_LINE_BYTES = 1024 * 1024;
/** Imports at once, per process: each holds a connection, and up to 100 MB for a million rows. */
const MAX_IMPORTS = 3;

type Changed = Omit<ImportCounts, 'quarantined' | 'warnings'>;

/** Imports instrument masters. One transaction from the first row to the last count, so a killed import leaves no trace. */
@Injectable()
export class InstrumentImporter {
  private readonly logger = new Logger(InstrumentImporter.name);
  private running = 0;

  constructor(
    private readonly transactions: Transactions,
    private readonly imports: ImportsRepository,
    private readonly merge: ImportMergeRepository,
    private readonly news: ImportNotices,
    private readonly clock: Clock,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
    @InjectMetric('instruments_import_rows_total') private readonly rowsTotal: Counter<'outcome'>,
    @InjectMetric('instruments_import_duration_seconds') private readonly seconds: Histogram<'kind' | 'result'>,
  ) {}

  /**
   * Reads a whole master: CSV or JSON array, plain or gzip, detected by content. Contracts of the exchanges in it that
   * are missing from it are delisted; those of other exchanges stay.
   * @throws DomainError INSTRUMENTS_FILE_*, INSTRUMENTS_SOURCE_*, INSTRUMENTS_WRONG_HEADER (422, 413),
   * INSTRUMENTS_IMPORT_RUNNING, INSTRUMENTS_DELISTING_TOO_MANY (409), INSTRUMENTS_IMPORTS_BUSY (503)
   */
  async import(source: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportResult> {
    if (this.running >= MAX_IMPORTS) throw tooManyImports(MAX_IMPORTS);
    this.running++;
    try {
      return await this.read(source, options);
    } finally {
      this.running--;
    }
  }

  private async read(source: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportResult> {
    const started = performance.now();
    const text = new MasterText(source, {
      maxBytes: this.config.importMaxBytes,
      maxLineBytes: MAX_LINE_BYTES,
      idleMs: this.config.sourceIdleMs,
    });
    const chunks = text.chunks();
    try {
      // A file that is not a master is refused before a connection is taken.
      const lines = await StagingLines.of(chunks, options.broker, options.mapping);
      let runs = 0;
      let interruption: unknown;
      const result = await this.transactions.atomic(async () => {
        if (runs++ > 0) throw notRepeatable(interruption);
        return this.inTransaction(text, lines, options, started).catch((error: unknown) => {
          interruption = error;
          throw error;
        });
      });
      this.count(result);
      this.logger.log({
        msg: 'instrument master imported',
        broker: options.broker,
        source: options.source,
        rows: lines.rows,
        ...result,
      });
      return result;
    } catch (error) {
      this.seconds.observe({ kind: 'import', result: 'refused' }, (performance.now() - started) / 1_000);
      throw error;
    } finally {
      // Not awaited: ending a source that hangs in a read would hang with it.
      void chunks.return(undefined).catch(() => undefined);
    }
  }

  private async inTransaction(
    text: MasterText,
    lines: StagingLines,
    options: ImportOptions,
    started: number,
  ): Promise<ImportResult> {
    const { broker, force = false } = options;
    const today = dayIn(this.config.timeZone, this.clock.now());
    if (!(await this.imports.lockBroker(broker, this.config.importTimeoutMs))) throw importRunning(broker);
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
      ? await this.fill(importId, text, lines, options, today)
      : await this.mergeInto(importId, text, lines, options, today);
    if (changed.inserted + changed.updated + changed.relisted > 0) await this.merge.addNames(broker, first);
    await this.imports.addIssues(importId, lines.issues);
    const counts: ImportCounts = { ...changed, quarantined: lines.quarantined, warnings: lines.warnings };
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
    today: string,
  ): Promise<Changed> {
    const { broker, demo = false } = options;
    await this.merge.load(withProgress(lines, text, options.onProgress, this.merge.copyPrefix(importId, broker, demo)));
    refuseUnusable(lines);
    let lookAlikes = 0;
    if (lines.leftOver.length > 0) {
      await this.merge.stage(asyncly(lines.leftOver));
      await this.merge.dropRepeatedKeys();
      await this.merge.compare(broker, today);
      await this.merge.overwrite();
      lookAlikes = await this.merge.insert(importId, broker, demo);
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
    today: string,
  ): Promise<Changed> {
    const { broker } = options;
    await this.merge.stage(withProgress(lines, text, options.onProgress));
    refuseUnusable(lines);
    const repeated = lines.repeats > 0 ? await this.merge.dropRepeatedKeys() : 0;
    await this.merge.compare(broker, today);
    await this.guardDelisting(lines, options, today);
    const delisted = await this.merge.delist(importId);
    const updated = await this.merge.rewrite(importId, 'update');
    const relisted = await this.merge.rewrite(importId, 'relist');
    const inserted = await this.merge.insert(importId, broker, options.demo ?? false);
    return { inserted, updated, unchanged: lines.good - repeated - inserted - updated - relisted, relisted, delisted };
  }

  /** Missing contracts stay listed while rows are unreadable, because those rows may be theirs. */
  private async guardDelisting(lines: StagingLines, options: ImportOptions, today: string): Promise<void> {
    const { gone, expired, listed } = await this.merge.findGone(options.broker, lines.exchanges, today);
    if (gone === 0 || options.force) return;
    if (lines.unreadable > 0) {
      await this.merge.keepGone();
      lines.remark(
        `${gone} contracts missing from the file stay listed, since ${lines.unreadable} of its rows show no key; force=true delists them`,
      );
    } else if (gone * 100 > listed * this.config.delistPercent)
      throw tooManyDelisted(gone, listed, expired, this.config.delistPercent);
  }

  private count(result: ImportResult): void {
    for (const outcome of ['inserted', 'updated', 'unchanged', 'relisted', 'delisted', 'quarantined'] as const)
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

function refuseUnusable(lines: StagingLines): void {
  if (lines.good > 0) return;
  const first = lines.issues.find((issue) => issue.severity === 'quarantined');
  throw allQuarantined(lines.rows, first?.line ?? 0, first?.reason ?? 'no reason');
}
