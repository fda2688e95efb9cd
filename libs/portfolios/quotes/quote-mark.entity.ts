import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The last price of a contract in a half hour that has passed. The current half hour is in `quotes`. */
@Entity('quote_marks')
@Index('idx_quote_marks_slot', ['slot'])
export class QuoteMarkEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_quote_marks' })
  broker!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_quote_marks' })
  instrumentKey!: string;

  /** Start of the half hour, in UTC. */
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_quote_marks' })
  slot!: Date;

  @Column('numeric')
  price!: string;

  @Column('text', { nullable: true })
  currency!: string | null;

  @Column('timestamptz')
  asOf!: Date;
}
