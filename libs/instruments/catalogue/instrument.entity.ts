import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One contract of one broker. Never deleted by an import: gone from the master is `delisted_at`. */
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

  /** The broker's own key, as text: unique among its listed contracts, reused after expiry. */
  @Column('text')
  instrumentKey!: string;

  @Column('text')
  exchange!: string;

  @Column('text', { nullable: true })
  segment!: string | null;

  /** Not unique: masters repeat it or leave it blank (then it is the name). */
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

  /** The master's other columns, as text. */
  @Column('jsonb', { default: () => `'{}'` })
  attributes!: Record<string, unknown>;

  @Column('boolean', { default: false })
  isDemo!: boolean;

  /** The import that inserted it; no foreign key, whose check costs an import as much as the row itself. */
  @Column('uuid', { nullable: true })
  insertedBy!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  listedAt!: Date;

  @Column('timestamptz', { nullable: true })
  delistedAt!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
