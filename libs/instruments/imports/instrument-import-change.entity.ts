import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { InstrumentEntity } from '../catalogue/instrument.entity.js';
import { InstrumentImportEntity } from './instrument-import.entity.js';

/**
 * The state of a contract before an import changed it. Insertions need no row, because of `instruments.inserted_by`. `adopt` is an
 * unchanged contract that another mapping imported before.
 */
@Entity('instrument_import_changes')
@Index('idx_instrument_import_changes_instrument', ['instrumentId'])
@Check('ck_instrument_import_changes_action', `action IN ('update', 'relist', 'delist', 'adopt')`)
export class InstrumentImportChangeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_instrument_import_changes' })
  importId!: string;

  @ManyToOne(() => InstrumentImportEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'import_id', foreignKeyConstraintName: 'fk_instrument_import_changes_import' })
  masterImport?: InstrumentImportEntity;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_instrument_import_changes' })
  instrumentId!: string;

  @ManyToOne(() => InstrumentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'instrument_id', foreignKeyConstraintName: 'fk_instrument_import_changes_instrument' })
  instrument?: InstrumentEntity;

  @Column('text')
  action!: 'update' | 'relist' | 'delist' | 'adopt';

  @Column('jsonb')
  before!: Record<string, unknown>;
}
