import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The value of a portfolio at one moment. Partitioned by month of `as_of`. */
@Entity('portfolio_history')
export class PortfolioHistoryPointEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_portfolio_history' })
  portfolioId!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_portfolio_history' })
  asOf!: Date;

  /** Null if it was not known. */
  @Column('numeric', { nullable: true })
  value!: string | null;

  @Column('numeric')
  cash!: string;

  @Column('numeric', { nullable: true })
  dayPnl!: string | null;
}
