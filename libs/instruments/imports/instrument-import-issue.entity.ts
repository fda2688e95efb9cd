import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { InstrumentImportEntity } from './instrument-import.entity.js';

/** A line of a master that was skipped (quarantined) or imported with a warning. */
@Entity('instrument_import_issues')
@Index('idx_instrument_import_issues_import', ['importId', 'id'])
@Check('ck_instrument_import_issues_severity', `severity IN ('quarantined', 'warning')`)
export class InstrumentImportIssueEntity {
  @PrimaryColumn('bigint', {
    generated: 'identity',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'pk_instrument_import_issues',
  })
  id!: string;

  @Column('uuid')
  importId!: string;

  @ManyToOne(() => InstrumentImportEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'import_id', foreignKeyConstraintName: 'fk_instrument_import_issues_import' })
  masterImport?: InstrumentImportEntity;

  @Column('integer')
  line!: number;

  @Column('text')
  severity!: 'quarantined' | 'warning';

  @Column('text', { nullable: true })
  field!: string | null;

  @Column('text')
  reason!: string;

  @Column('text')
  excerpt!: string;
}
