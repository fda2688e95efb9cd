import { Inject, Injectable } from '@nestjs/common';
import type { DomainError } from '#errors';
import { Clock, dayIn } from '#time';
import { instrumentsConfig, type InstrumentsConfig } from '../instruments.config.js';
import type { StagingLines } from '../masters/staging-lines.js';
import { refusalOfDates, refusalOfDelisting, refusalOfKeys, refusalOfRows, refusalOfUnits } from './import-guards.js';
import { type Gone, ImportMergeRepository } from './import-merge.repository.js';
import { type ActionCounts, ImportReviewRepository } from './import-review.repository.js';

/** How a staged master is compared. */
export interface Comparison {
  broker: string;
  force?: boolean;
  /** The file is a part of a master. It delists nothing. */
  partial?: boolean;
}

/** A compared master, not yet merged. */
export interface Compared {
  /** Rows that a later row with the same key replaced. */
  repeated: number;
  actions: ActionCounts;
  /** Missing contracts that the import delists. */
  missing: number;
  /** The guard that refuses the import unless it is forced. */
  refusal: DomainError | undefined;
}

/** Compares a master that has been read with the broker's contracts, and asks the guards. Writes temporary tables only. */
@Injectable()
export class ImportComparison {
  constructor(
    private readonly merge: ImportMergeRepository,
    private readonly review: ImportReviewRepository,
    private readonly clock: Clock,
    @Inject(instrumentsConfig.token) private readonly config: InstrumentsConfig,
  ) {}

  /** The day that decides which contracts have expired. */
  get today(): string {
    return dayIn(this.config.timeZone, this.clock.now());
  }

  /** Asks the guards that need no comparison. @param first the rows are in the table of instruments already */
  async refusalOf(lines: StagingLines, broker: string, first: boolean): Promise<DomainError | undefined> {
    const { today, config } = this;
    return (
      refusalOfRows(lines, config) ??
      refusalOfDates(await this.review.dates(broker, today, config.soonDays, first), today, config)
    );
  }

  /** Compares the staged rows. Adds a remark to the lines if missing contracts stay listed. */
  async compare(lines: StagingLines, options: Comparison): Promise<Compared> {
    const { today, config } = this;
    const { broker } = options;
    const repeated = lines.repeats > 0 ? await this.merge.dropRepeatedKeys() : 0;
    await this.merge.compare(broker, today, lines.mapping.name);
    const actions = await this.review.countActions();
    const found = await this.merge.findGone(broker, lines.exchanges, today, lines.mapping.name);
    const gone = await this.kept(found, lines, options);
    const refusal =
      (await this.refusalOf(lines, broker, false)) ??
      refusalOfKeys(actions.early, lines.good, config) ??
      (await this.refusalOfScale(lines.good - repeated - actions.inserted, actions.updated)) ??
      refusalOfDelisting(gone, config);
    return { repeated, actions, missing: gone.gone, refusal };
  }

  /** The changes are counted only if there are enough of them. */
  private async refusalOfScale(known: number, updated: number): Promise<DomainError | undefined> {
    if (refusalOfUnits(updated, known, this.config) === undefined) return undefined;
    return refusalOfUnits(await this.review.countScaled(), known, this.config);
  }

  /** Missing contracts stay listed if the file does not prove that they are gone: it is a part, or has rows that may be theirs. */
  private async kept(found: Gone, lines: StagingLines, { force, partial }: Comparison): Promise<Gone> {
    if (found.gone === 0) return found;
    const reason = partial
      ? 'the file is a part of a master (partial=true)'
      : !lines.whole
        ? 'the file is one page of several'
        : !force && lines.unreadable > 0
          ? `${lines.unreadable} of its rows show no key; force=true delists them`
          : undefined;
    if (reason === undefined) return found;
    await this.merge.keepGone();
    lines.remark(`${found.gone} contracts missing from the file stay listed, since ${reason}`);
    return { gone: 0, expired: 0, listed: 0 };
  }
}
