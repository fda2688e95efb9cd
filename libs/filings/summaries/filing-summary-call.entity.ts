import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One call to a model and what it cost; it outlives the summary and the filing. */
@Entity('filing_summary_calls')
@Check('ck_filing_summary_calls_outcome', "outcome IN ('open', 'done', 'failed', 'refused', 'discarded', 'abandoned')")
@Check(
  'ck_filing_summary_calls_settled',
  "(outcome = 'open') = (settled_at IS NULL) AND (outcome = 'open') = (counted_micros IS NULL)",
)
@Index('idx_filing_summary_calls_open', { synchronize: false })
@Index('idx_filing_summary_calls_month', ['month', 'model'])
export class FilingSummaryCallEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_filing_summary_calls', default: () => 'uuidv7()' })
  id!: string;

  @Column('text')
  accession!: string;

  @Column('text')
  promptVersion!: string;

  @Column('text')
  model!: string;

  @Column('text')
  provider!: string;

  @Column('date')
  month!: string;

  @Column('text')
  outcome!: string;

  /** Millionths of a dollar set aside before the call. */
  @Column('bigint')
  reservedMicros!: string;

  /** What the budget counts: the cost, or the reservation where the cost cannot be known. */
  @Column('bigint', { nullable: true })
  countedMicros!: string | null;

  /** Null where the model has no known price or no answer came. */
  @Column('bigint', { nullable: true })
  costMicros!: string | null;

  @Column('integer', { nullable: true })
  tokensIn!: number | null;

  @Column('integer', { nullable: true })
  tokensOut!: number | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  startedAt!: Date;

  @Column('timestamptz', { nullable: true })
  settledAt!: Date | null;
}
