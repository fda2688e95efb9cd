import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest quote of a contract in a broker's namespace. */
@Entity('quotes')
@Check('ck_quotes_kind', `kind IN ('last', 'mark', 'mid', 'settlement')`)
export class LatestQuoteEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_quotes' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_quotes' })
  instrumentKey!: string;

  @Column('numeric')
  price!: string;

  @Column('numeric', { nullable: true })
  previousClose!: string | null;

  /** The session day that `previousClose` is of, if the message said so. */
  @Column('date', { nullable: true })
  previousCloseDate!: string | null;

  /** `asOf` of the message that brought `previousClose`, which may be older than the price. */
  @Column('timestamptz', { nullable: true })
  previousCloseAsOf!: Date | null;

  @Column('text', { default: 'last' })
  kind!: 'last' | 'mark' | 'mid' | 'settlement';

  /** null: the currency of the position. */
  @Column('text', { nullable: true })
  currency!: string | null;

  @Column('timestamptz')
  asOf!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
