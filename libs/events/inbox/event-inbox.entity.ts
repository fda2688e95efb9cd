import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

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

  /** Time at which it was set aside, after a listener failed to handle it twice. Listeners no longer get it. */
  @Index('idx_event_inbox_set_aside', { where: 'set_aside_at IS NOT NULL' })
  @Column('timestamptz', { nullable: true })
  setAsideAt!: Date | null;

  @Column('text', { nullable: true })
  setAsideReason!: string | null;
}
