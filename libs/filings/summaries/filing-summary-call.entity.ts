import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One call to a model and its cost. Kept when the summary or the filing is removed. */
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

  /** Millionths of a US dollar reserved before the call. */
  @Column('bigint')
  reservedMicros!: string;

  /** Amount counted against the budget: the cost, or the reservation if the cost is unknown. */
  @Column('bigint', { nullable: true })
  countedMicros!: string | null;

  /** Null if the price of the model is unknown or no answer came. */
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
