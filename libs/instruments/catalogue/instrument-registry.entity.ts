import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { UserEntity } from '#auth/entities';
import { InstrumentEntity } from './instrument.entity.js';

/** Followers of contracts. It refers to the contract's id, so followers stay when a symbol or key moves to another contract. */
@Entity('instrument_registry')
@Index('idx_instrument_registry_instrument', ['instrumentId'])
export class InstrumentRegistryEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_instrument_registry' })
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_instrument_registry_user' })
  user?: UserEntity;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_instrument_registry' })
  instrumentId!: string;

  @ManyToOne(() => InstrumentEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'instrument_id', foreignKeyConstraintName: 'fk_instrument_registry_instrument' })
  instrument?: InstrumentEntity;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;
}
