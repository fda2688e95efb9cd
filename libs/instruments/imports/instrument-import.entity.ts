import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { UserEntity } from '#auth/entities';

/** One import or rollback: its changes, and the number of listed contracts of its broker after it. */
@Entity('instrument_imports')
@Unique('uq_instrument_imports_broker_position', ['broker', 'position'])
@Check('ck_instrument_imports_kind', `kind IN ('import', 'rollback')`)
export class InstrumentImportEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_instrument_imports' })
  id!: string;

  /** The order of a broker's imports. Assigned under the broker's lock, so it is also the order of commits. */
  @Column('integer')
  position!: number;

  @Column('text')
  broker!: string;

  @Column('text')
  kind!: 'import' | 'rollback';

  @Column('text')
  source!: string;

  @Column('text', { nullable: true })
  master!: string | null;

  @Column('text', { nullable: true })
  sha256!: string | null;

  @Column('text', { array: true, default: () => `'{}'` })
  exchanges!: string[];

  @Column('integer', { default: 0 })
  rows!: number;

  @Column('integer', { default: 0 })
  inserted!: number;

  @Column('integer', { default: 0 })
  updated!: number;

  @Column('integer', { default: 0 })
  unchanged!: number;

  @Column('integer', { default: 0 })
  relisted!: number;

  @Column('integer', { default: 0 })
  delisted!: number;

  @Column('integer', { default: 0 })
  quarantined!: number;

  @Column('integer', { default: 0 })
  warnings!: number;

  /** Rows that the filters of the mapping left out. */
  @Column('integer', { default: 0 })
  filtered!: number;

  @Column('integer', { default: 0 })
  listed!: number;

  @Column('boolean', { default: false })
  forced!: boolean;

  /** The import that a rollback restored. */
  @Column('uuid', { nullable: true })
  restores!: string | null;

  @Column('boolean', { default: false })
  isDemo!: boolean;

  @Column('uuid', { nullable: true })
  createdBy!: string | null;

  @ManyToOne(() => UserEntity, { onDelete: 'SET NULL', nullable: true })
  @JoinColumn({ name: 'created_by', foreignKeyConstraintName: 'fk_instrument_imports_created_by' })
  creator?: UserEntity;

  @Column('integer', { default: 0 })
  durationMs!: number;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;
}
