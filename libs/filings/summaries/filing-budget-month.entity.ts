import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A month's budget for summaries, in millionths of a US dollar, and its number of requests. */
@Entity('filing_budget_months')
@Check('ck_filing_budget_months_amounts', 'reserved_micros >= 0 AND spent_micros >= 0')
export class FilingBudgetMonthEntity {
  /** First day of the month, UTC. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_filing_budget_months' })
  month!: string;

  /** Reserved for calls in progress. */
  @Column('bigint', { default: 0 })
  reservedMicros!: string;

  @Column('bigint', { default: 0 })
  spentMicros!: string;

  /** Requests answered from the table. */
  @Column('bigint', { default: 0 })
  hits!: string;

  /** Requests that needed a call. */
  @Column('bigint', { default: 0 })
  misses!: string;

  /** Requests that joined a call in progress. */
  @Column('bigint', { default: 0 })
  shared!: string;

  /** Calls not made because the budget was spent. */
  @Column('bigint', { default: 0 })
  refused!: string;

  /** Time at which the operators were notified. */
  @Column('timestamptz', { nullable: true })
  exhaustedAt!: Date | null;
}
