import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';
import type { DeliveryStatus } from './delivery.js';

/** The ledger: one row per alert and endpoint. */
@Entity('alert_delivery_queue')
@Unique('uq_alert_delivery_queue_alert_endpoint', ['alertId', 'endpointId'])
@Index('idx_alert_delivery_queue_endpoint', ['endpointId', 'id'])
@Index('idx_alert_delivery_queue_pending', { synchronize: false })
@Index('idx_alert_delivery_queue_sending', { synchronize: false })
@Index('idx_alert_delivery_queue_held', { synchronize: false })
@Index('idx_alert_delivery_queue_dead', { synchronize: false })
@Check('ck_alert_delivery_queue_status', `status IN ('pending', 'sending', 'delivered', 'dead', 'held', 'cancelled')`)
@Check('ck_alert_delivery_queue_lease', `(status = 'sending') = (lease_until IS NOT NULL)`)
export class AlertDeliveryEntity {
  /** A UUIDv7, so ids are in the order of enqueueing. */
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_alert_delivery_queue' })
  id!: string;

  /** Null for a test message. */
  @Column('uuid', { nullable: true })
  alertId!: string | null;

  @Column('uuid')
  endpointId!: string;

  @Column('text')
  messageId!: string;

  @Column('text')
  body!: string;

  @Column('text', { default: 'pending' })
  status!: DeliveryStatus;

  /** Attempts of the schedule used so far. A manual retry resets it. */
  @Column('integer', { default: 0 })
  step!: number;

  /** All attempts, also those before a manual retry. */
  @Column('integer', { default: 0 })
  attempts!: number;

  @Column('timestamptz', { default: () => 'now()' })
  nextAttemptAt!: Date;

  @Column('timestamptz', { nullable: true })
  leaseUntil!: Date | null;

  @Column('uuid', { nullable: true })
  leaseOwner!: string | null;

  @Column('text', { nullable: true })
  correlationId!: string | null;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  createdAt!: Date;

  /** Time at which it was delivered or became a dead letter. */
  @Column('timestamptz', { nullable: true })
  settledAt!: Date | null;

  @Column('integer', { nullable: true })
  lastStatusCode!: number | null;

  @Column('text', { nullable: true })
  lastErrorClass!: string | null;

  @Column('text', { nullable: true })
  lastError!: string | null;

  @Column('integer', { nullable: true })
  lastLatencyMs!: number | null;
}
