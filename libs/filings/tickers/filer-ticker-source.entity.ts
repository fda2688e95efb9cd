import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The last load of each ticker file. */
@Entity('filer_ticker_sources')
export class FilerTickerSourceEntity {
  /** URL or name of the file. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filer_ticker_sources' })
  source!: string;

  @Column('timestamptz')
  loadedAt!: Date;

  /** Tickers in the file. */
  @Column('integer')
  tickers!: number;

  @Column('integer')
  added!: number;

  @Column('integer')
  ended!: number;

  /** Entries that could not be read. */
  @Column('integer')
  skipped!: number;
}
