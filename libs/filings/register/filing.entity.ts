import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import type { Filer } from '../edgar/filing.js';

/** A filing: one row per accession number, with any number of entries and filers. */
@Entity('filings')
@Check('ck_filings_accession', "accession ~ '^[0-9]{10}-[0-9]{2}-[0-9]{6}$'")
@Check('ck_filings_amendment', "amendment IN ('original', 'linked', 'ambiguous', 'unlinked')")
@Check(
  'ck_filings_amends',
  "(amendment = 'linked') = (amends IS NOT NULL) AND (amendment = 'ambiguous') = (cardinality(amends_candidates) > 0) AND is_amendment = (amendment <> 'original')",
)
@Check('ck_filings_amends_basis', "amends_basis IN ('report-date', 'form-and-filer')")
@Index('idx_filings_filed', { synchronize: false })
@Index('idx_filings_form_filed', { synchronize: false })
@Index('idx_filings_ciks', { synchronize: false })
@Index('idx_filings_filers', { synchronize: false })
@Index('idx_filings_amendment_ciks', { synchronize: false })
@Index('idx_filings_amends', { synchronize: false })
@Index('idx_filings_amends_candidates', { synchronize: false })
export class FilingEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filings' })
  accession!: string;

  @Column('text')
  form!: string;

  @Column('text')
  baseForm!: string;

  @Column('boolean')
  isAmendment!: boolean;

  @Column('jsonb')
  filers!: Filer[];

  @Column('text', { array: true })
  filerCiks!: string[];

  @Column('date')
  filedOn!: string;

  @Column('timestamptz')
  filedAt!: Date;

  @Column('date', { nullable: true })
  reportDate!: string | null;

  @Column('text', { array: true, default: () => "'{}'" })
  items!: string[];

  @Column('text', { nullable: true })
  link!: string | null;

  @Column('text', { default: 'original' })
  amendment!: string;

  @Column('text', { nullable: true })
  amends!: string | null;

  @ManyToOne(() => FilingEntity, { onDelete: 'NO ACTION' })
  @JoinColumn({ name: 'amends', foreignKeyConstraintName: 'fk_filings_amends' })
  amended?: FilingEntity;

  @Column('text', { array: true, default: () => "'{}'" })
  amendsCandidates!: string[];

  @Column('text', { nullable: true })
  amendsBasis!: string | null;

  @Column('uuid', { nullable: true })
  eventId!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
