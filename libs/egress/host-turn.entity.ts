import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When the next request to a host may start, for all processes. */
@Entity('egress_host_turns')
export class HostTurnEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_egress_host_turns' })
  host!: string;

  @Column('timestamptz')
  nextAt!: Date;
}
