import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** One ended attempt. */
@Entity('delivery_attempts')
@Check('ck_delivery_attempts_outcome', `outcome IN ('delivered', 'failed', 'gone')`)
export class DeliveryAttemptEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_delivery_attempts' })
  deliveryId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'pk_delivery_attempts' })
  attempt!: number;

  @Column('timestamptz')
  at!: Date;

  @Column('text')
  outcome!: 'delivered' | 'failed' | 'gone';

  @Column('integer', { nullable: true })
  statusCode!: number | null;

  @Column('text', { nullable: true })
  errorClass!: string | null;

  @Column('text', { nullable: true })
  error!: string | null;

  @Column('integer')
  latencyMs!: number;

  @Column('text', { nullable: true })
  responseBody!: string | null;
}
