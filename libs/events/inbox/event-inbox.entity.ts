import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An event that the listeners have not heard yet. */
@Entity('event_inbox')
export class EventInboxEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_event_inbox' })
  eventId!: string;

  /** How often a listener threw. */
  @Column('integer', { default: 0 })
  attempts!: number;

  /** When to try again after that. */
  @Column('timestamptz', { nullable: true })
  notBefore!: Date | null;
}
