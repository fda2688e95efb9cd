import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How a lane did in ten seconds: what its circuit judges by, kept for some minutes. */
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
