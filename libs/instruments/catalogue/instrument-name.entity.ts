import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * Every name once a broker and exchange: what trigram search looks through (230 names stand for 35,000 derivatives). Its
 * contracts are among the symbols from first to last, so that names need no index of their own over all contracts.
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

  /** In upper case (ASCII). The range only ever grows. */
  @Column({ type: 'text', collation: 'C' })
  firstSymbol!: string;

  @Column({ type: 'text', collation: 'C' })
  lastSymbol!: string;
}
