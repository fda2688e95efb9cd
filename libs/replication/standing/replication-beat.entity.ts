import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A heartbeat of the primary: the time, and the position of the write-ahead log in bytes. The secondary gets it by replication. */
@Entity('replication_beats')
export class ReplicationBeatEntity {
  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pk_replication_beats' })
  at!: Date;

  @Column('bigint')
  wal!: string;
}
