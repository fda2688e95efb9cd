import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The lease of one sending process. Its deliveries are not taken over before the end of the lease. */
@Entity('delivery_workers')
export class DeliveryWorkerEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_delivery_workers' })
  id!: string;

  @Column('timestamptz')
  leaseUntil!: Date;
}
