import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { FilingEntity } from '../register/filing.entity.js';

/** One question (filing, prompt version, model), its state, and its answer. */
@Entity('filing_summaries')
@Check('ck_filing_summaries_state', "state IN ('queued', 'calling', 'done', 'failed', 'refused', 'over-budget')")
@Check('ck_filing_summaries_done', "(state = 'done') = (summary IS NOT NULL)")
@Check(
  'ck_filing_summaries_lease',
  "(state = 'calling') = (lease_owner IS NOT NULL) AND (lease_owner IS NULL) = (lease_until IS NULL)",
)
@Index('idx_filing_summaries_queue', { synchronize: false })
export class FilingSummaryEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filing_summaries' })
  accession!: string;

  @ManyToOne(() => FilingEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'accession', foreignKeyConstraintName: 'fk_filing_summaries_filing' })
  filing?: FilingEntity;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filing_summaries' })
  promptVersion!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filing_summaries' })
  model!: string;

  @Column('text')
  provider!: string;

  @Column('text')
  state!: string;

  /** Raised by each amendment. An answer of an older generation is discarded. */
  @Column('integer', { default: 1 })
  generation!: number;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column('timestamptz', { default: () => 'now()' })
  nextAttemptAt!: Date;

  @Column('uuid', { nullable: true })
  leaseOwner!: string | null;

  @Column('timestamptz', { nullable: true })
  leaseUntil!: Date | null;

  @Column('text', { nullable: true })
  summary!: string | null;

  /** True if the document was longer than the part given to the model. */
  @Column('boolean', { default: false })
  truncated!: boolean;

  @Column('integer', { nullable: true })
  tokensIn!: number | null;

  @Column('integer', { nullable: true })
  tokensOut!: number | null;

  /** Millionths of a US dollar. Null if the price of the model is unknown. */
  @Column('bigint', { nullable: true })
  costMicros!: string | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  /** Amendment that made the previous answer stale. */
  @Column('text', { nullable: true })
  invalidatedBy!: string | null;

  @Column('timestamptz', { nullable: true })
  madeAt!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
