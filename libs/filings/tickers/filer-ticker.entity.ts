import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A ticker of a filer, from `since` until `until`. An ended one stays, so that earlier filings are found by it. */
@Entity('filer_tickers')
@Index('uq_filer_tickers_current', { synchronize: false })
@Index('idx_filer_tickers_ticker', ['ticker'])
export class FilerTickerEntity {
  /** Ten digits. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filer_tickers' })
  cik!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_filer_tickers' })
  ticker!: string;

  /** Time of the load that found it. `-infinity` in the first load, because nobody knows since when it is so. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_filer_tickers' })
  since!: Date;

  /** Time of the load that no longer found it. Null while it is current. */
  @Column('timestamptz', { nullable: true })
  until!: Date | null;

  /** Name of the filer as the file has it. */
  @Column('text')
  name!: string;

  /** Place among the tickers of its filer, from 0: the first is the main one. */
  @Column('integer')
  place!: number;
}
