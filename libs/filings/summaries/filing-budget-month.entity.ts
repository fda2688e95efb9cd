import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A month's money for summaries (millionths of a dollar) and how often a summary was asked for. */
@Entity('filing_budget_months')
@Check('ck_filing_budget_months_amounts', 'reserved_micros >= 0 AND spent_micros >= 0')
export class FilingBudgetMonthEntity {
  /** Its first day, UTC. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_filing_budget_months' })
  month!: string;

  /** Set aside for calls that are under way. */
  @Column('bigint', { default: 0 })
  reservedMicros!: string;

  @Column('bigint', { default: 0 })
  spentMicros!: string;

  /** Answered from the table. */
  @Column('bigint', { default: 0 })
  hits!: string;

  /** Needed a call. */
  @Column('bigint', { default: 0 })
  misses!: string;

  /** Asked while another was calling. */
  @Column('bigint', { default: 0 })
  shared!: string;

  /** Calls not made because the budget would not bear them. */
  @Column('bigint', { default: 0 })
  refused!: string;

  /** When the operators were told. */
  @Column('timestamptz', { nullable: true })
  exhaustedAt!: Date | null;
}
