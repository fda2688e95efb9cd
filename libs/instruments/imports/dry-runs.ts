import { Injectable } from '@nestjs/common';
import { Transactions } from '#database';
import type { ImportIssue } from '../masters/staging-lines.js';
import { ImportComparison } from './import-comparison.js';
import type { ImportCounts } from './import-counts.js';
import { refusalOfNoRows } from './import-guards.js';
import { ImportMergeRepository } from './import-merge.repository.js';
import { ImportReviewRepository, type PreviewRow } from './import-review.repository.js';
import { ImportsRepository } from './imports.repository.js';
import type { ImportOptions } from './instrument-importer.js';
import { MasterReadings, once } from './master-readings.js';

/** Rows and issues that an answer shows. */
const SHOWN_ROWS = 20;
const SHOWN_ISSUES = 100;

/** What an import would do. */
export interface DryRunResult extends ImportCounts {
  dryRun: true;
  /** Name of the mapping that read the file. */
  master: string;
  exchanges: string[];
  /** Whether the file may delist contracts. */
  whole: boolean;
  /** The first rows as they would be stored. */
  rows: PreviewRow[];
  issues: ImportIssue[];
  /** The error that an import would answer; null if it would succeed. */
  refusal: { code: string; detail: string } | null;
  durationMs: number;
}

/** Tries imports: reads and compares a whole master, and stores nothing. */
@Injectable()
export class DryRuns {
  constructor(
    private readonly transactions: Transactions,
    private readonly readings: MasterReadings,
    private readonly imports: ImportsRepository,
    private readonly merge: ImportMergeRepository,
    private readonly review: ImportReviewRepository,
    private readonly comparison: ImportComparison,
  ) {}

  /** @throws DomainError as an import, for a file that cannot be read; a guard that would refuse it is part of the answer */
  async run(
    source: AsyncIterable<Uint8Array>,
    options: Pick<ImportOptions, 'broker' | 'mapping' | 'force' | 'partial'>,
  ): Promise<DryRunResult> {
    const started = performance.now();
    return this.readings.read(source, options.broker, options.mapping, (lines) =>
      this.transactions.atomic(
        once(async () => {
          await this.imports.allowTime();
          await this.merge.stage(lines.copyText());
          const { repeated, actions, missing, refusal } = await this.comparison.compare(lines, options);
          const { inserted, updated, relisted, retired } = actions;
          const refused = refusalOfNoRows(lines) ?? (options.force ? undefined : refusal);
          return {
            dryRun: true,
            inserted,
            updated,
            unchanged: lines.good - repeated - inserted - updated - relisted,
            relisted,
            delisted: missing + retired,
            quarantined: lines.quarantined,
            filtered: lines.filtered,
            warnings: lines.warnings,
            master: lines.mapping.name,
            exchanges: lines.exchanges,
            whole: lines.whole,
            rows: await this.review.preview(SHOWN_ROWS),
            issues: lines.issues.slice(0, SHOWN_ISSUES),
            refusal: refused ? { code: refused.code, detail: refused.message } : null,
            durationMs: Math.round(performance.now() - started),
          };
        }),
      ),
    );
  }
}
