import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event that the listeners have not handled yet. */
@Entity('event_inbox')
export class EventInboxEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_event_inbox' })
  eventId!: string;

  /** Number of times that a listener threw. */
  @Column('integer', { default: 0 })
  attempts!: number;

  /** Time of the next attempt after that. */
  @Column('timestamptz', { nullable: true })
  notBefore!: Date | null;
}
