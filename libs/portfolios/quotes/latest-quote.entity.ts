import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest quote of a contract in a broker's namespace. */
@Entity('quotes')
export class LatestQuoteEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_quotes' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_quotes' })
  instrumentKey!: string;

  @Column('numeric')
  price!: string;

  @Column('numeric', { nullable: true })
  previousClose!: string | null;

  @Column('timestamptz')
  asOf!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
