import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The lease of one process that sends: until then, nothing that it holds is taken over. */
@Entity('delivery_workers')
export class DeliveryWorkerEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_delivery_workers' })
  id!: string;

  @Column('timestamptz')
  leaseUntil!: Date;
}
