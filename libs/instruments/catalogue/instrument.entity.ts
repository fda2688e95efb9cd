import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A contract of a broker. An import never deletes it; `delisted_at` is set when the master no longer contains it. */
@Entity('instruments')
@Index('uq_instruments_broker_key_listed', { synchronize: false })
@Index('idx_instruments_broker_key_delisted', { synchronize: false })
@Index('idx_instruments_symbol', { synchronize: false })
@Index('idx_instruments_symbol_trigram', { synchronize: false })
export class InstrumentEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_instruments' })
  id!: string;

  @Column('text')
  broker!: string;

  /** The broker's key, as text. Unique among its listed contracts, and reused after expiry. */
  @Column('text')
  instrumentKey!: string;

  @Column('text')
  exchange!: string;

  @Column('text', { nullable: true })
  segment!: string | null;

  /** Not unique. Masters repeat it, or leave it blank (then the name is used). */
  @Column('text')
  tradingsymbol!: string;

  @Column('text')
  name!: string;

  @Column('date', { nullable: true })
  expiry!: string | null;

  @Column('numeric', { nullable: true })
  strike!: string | null;

  @Column('text', { nullable: true })
  instrumentType!: string | null;

  @Column('numeric', { nullable: true })
  tickSize!: string | null;

  @Column('numeric', { nullable: true })
  lotSize!: string | null;

  /** Other columns of the master, as text. */
  @Column('jsonb', { default: () => `'{}'` })
  attributes!: Record<string, unknown>;

  @Column('boolean', { default: false })
  isDemo!: boolean;

  /** Name of the mapping that last imported it. Only an import by this mapping delists it; null: of any mapping. */
  @Column('text', { nullable: true })
  master!: string | null;

  /** The import that inserted it. Not a foreign key, because its check costs as much as the insert. */
  @Column('uuid', { nullable: true })
  insertedBy!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  listedAt!: Date;

  @Column('timestamptz', { nullable: true })
  delistedAt!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
