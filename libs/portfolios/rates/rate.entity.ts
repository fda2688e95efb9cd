import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest rate of a pair of currencies: the price of 1 `base` in `quote`. */
@Entity('rates')
@Check('ck_rates_price', 'price > 0')
export class RateEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_rates' })
  base!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_rates' })
  quote!: string;

  @Column('numeric')
  price!: string;

  @Column('timestamptz')
  asOf!: Date;

  @Column('numeric', { nullable: true })
  previousClose!: string | null;

  /** `asOf` of the message that brought the previous close. */
  @Column('timestamptz', { nullable: true })
  previousCloseAsOf!: Date | null;

  @Column('text', { nullable: true })
  source!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
