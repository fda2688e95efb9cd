import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** One event. Partitioned by month of the id, which begins with the time of the event. */
@Entity('trading_events')
@Index('idx_trading_events_correlation', ['correlationId', 'id'])
@Index('idx_trading_events_type', ['type', 'id'])
@Index('idx_trading_events_user', ['userId', 'id'])
export class TradingEventEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_trading_events' })
  id!: string;

  @Column('text')
  type!: string;

  /** Version of the payload's shape. */
  @Column('integer')
  version!: number;

  @Column('text', { nullable: true })
  broker!: string | null;

  /** Owner of the event. Not a foreign key, because events outlive their users. */
  @Column('uuid', { nullable: true })
  userId!: string | null;

  @Column('uuid', { nullable: true })
  instrumentId!: string | null;

  @Column('text', { nullable: true })
  correlationId!: string | null;

  /** The event that led to this one. */
  @Column('uuid', { nullable: true })
  causationId!: string | null;

  @Column('jsonb')
  payload!: unknown;

  @Column('timestamptz')
  occurredAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  recordedAt!: Date;
}
