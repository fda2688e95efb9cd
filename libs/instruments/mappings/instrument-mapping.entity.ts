import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A mapping that an operator stored for the masters of a broker. */
@Entity('instrument_mappings')
export class InstrumentMappingEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_mappings' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_mappings' })
  name!: string;

  /** As it was received. It is read again by each import. */
  @Column('jsonb')
  mapping!: Record<string, unknown>;

  /** The operator's id. Not a foreign key: the mapping outlives the account. */
  @Column('uuid')
  changedBy!: string;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
