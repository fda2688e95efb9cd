import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { InstrumentEntity } from '../catalogue/instrument.entity.js';
import { InstrumentReleaseEntity } from './instrument-release.entity.js';

/** What a contract was before a release changed it. Insertions need no row: `instruments.inserted_by` says it. */
@Entity('instrument_release_changes')
@Index('idx_instrument_release_changes_instrument', ['instrumentId'])
@Check('ck_instrument_release_changes_action', `action IN ('update', 'relist', 'delist')`)
export class InstrumentReleaseChangeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_instrument_release_changes' })
  releaseId!: string;

  @ManyToOne(() => InstrumentReleaseEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'release_id', foreignKeyConstraintName: 'fk_instrument_release_changes_release' })
  release?: InstrumentReleaseEntity;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_instrument_release_changes' })
  instrumentId!: string;

  @ManyToOne(() => InstrumentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'instrument_id', foreignKeyConstraintName: 'fk_instrument_release_changes_instrument' })
  instrument?: InstrumentEntity;

  @Column('text')
  action!: 'update' | 'relist' | 'delist';

  @Column('jsonb')
  before!: Record<string, unknown>;
}
