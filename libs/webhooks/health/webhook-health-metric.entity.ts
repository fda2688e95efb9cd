import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Attempts of an endpoint in one minute. */
@Entity('webhook_health_metrics')
@Index('idx_webhook_health_metrics_minute', ['minute'])
export class WebhookHealthMetricEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_webhook_health_metrics' })
  endpointId!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_webhook_health_metrics' })
  minute!: Date;

  @Column('integer')
  sent!: number;

  @Column('integer')
  failed!: number;

  @Column('bigint')
  latencyMsSum!: string;

  @Column('integer')
  latencyMsMax!: number;
}
