import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A used key and its answer, written in the transaction of its effect. */
@Entity('idempotency_keys')
@Index('idx_idempotency_keys_expires_at', ['expiresAt'])
@Check('ck_idempotency_keys_left_out', `left_out IN ('secret', 'size')`)
export class IdempotencyKeyEntity {
  /** The sender: a person's user id, or the id of an API key. */
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_idempotency_keys' })
  ownerId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_idempotency_keys' })
  key!: string;

  /** Method and path. */
  @Column('text')
  operation!: string;

  @Column('bytea')
  fingerprint!: Buffer;

  /** Null only inside the transaction that is still running, so no other transaction sees it. */
  @Column('smallint', { nullable: true })
  status!: number | null;

  @Column('text', { nullable: true })
  answer!: string | null;

  @Column('integer', { default: 0 })
  answerBytes!: number;

  @Column('text', { nullable: true })
  leftOut!: 'secret' | 'size' | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;
}
