import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Outcomes of a lane in ten seconds, kept for some minutes. Its circuit breaker uses them. */
@Entity('delivery_lane_windows')
export class DeliveryLaneWindowEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_delivery_lane_windows' })
  endpointId!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_delivery_lane_windows' })
  bucket!: Date;

  @Column('integer')
  delivered!: number;

  @Column('integer')
  failed!: number;
}
