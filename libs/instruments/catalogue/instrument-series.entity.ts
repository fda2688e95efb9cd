import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * The contracts of one underlying and expiry, once per broker and exchange: 1,500 rows for 35,000 derivatives. Its contracts are
 * among the symbols from first to last, so neither the underlying nor the expiry needs an index over all contracts.
 */
@Entity('instrument_series')
export class InstrumentSeriesEntity {
  /** In upper case (ASCII), as `underlyingSql` derives it. */
  @PrimaryColumn({ type: 'text', collation: 'C', primaryKeyConstraintName: 'pk_instrument_series' })
  underlying!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_series' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_instrument_series' })
  exchange!: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_instrument_series' })
  expiry!: string;

  /** In upper case (ASCII). The range never shrinks. */
  @Column({ type: 'text', collation: 'C' })
  firstSymbol!: string;

  @Column({ type: 'text', collation: 'C' })
  lastSymbol!: string;

  /** Null without a strike; futures have none, or 0. The range never shrinks. */
  @Column('numeric', { nullable: true })
  lowestStrike!: string | null;

  @Column('numeric', { nullable: true })
  highestStrike!: string | null;
}
