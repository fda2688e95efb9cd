import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Each name once per broker and exchange, for the trigram search (230 names cover 35,000 derivatives). Its contracts are among the
 * symbols from first to last, so that names need no index over all contracts.
 */
@Entity('instrument_names')
@Index('idx_instrument_names_trigram', { synchronize: false })
export class InstrumentNameEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_names' })
  name!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_names' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_names' })
  exchange!: string;

  /** In upper case (ASCII). The range never shrinks. */
  @Column({ type: 'text', collation: 'C' })
  firstSymbol!: string;

  @Column({ type: 'text', collation: 'C' })
  lastSymbol!: string;
}
