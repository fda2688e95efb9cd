import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { DayRule } from './venue-rules.js';

/** A day of a venue that an operator has corrected. */
@Entity('venue_days')
export class VenueDayEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_venue_days' })
  venue!: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'pk_venue_days' })
  day!: string;

  @Column('jsonb')
  rule!: DayRule;

  @Column('text')
  reason!: string;

  /** The operator's id. Not a foreign key: the correction outlives the account. */
  @Column('uuid')
  changedBy!: string;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
