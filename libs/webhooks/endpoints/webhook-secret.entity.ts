import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** A signing secret, sealed and bound to this row and its endpoint. It has its own table, so that no answer includes it by accident. */
@Entity('webhook_secrets')
@Index('idx_webhook_secrets_endpoint', ['endpointId'])
export class WebhookSecretEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_webhook_secrets' })
  id!: string;

  @ForeignKey('webhook_endpoints', { name: 'fk_webhook_secrets_endpoint', onDelete: 'CASCADE' })
  @Column('uuid')
  endpointId!: string;

  /** `v1:kid:nonce:ciphertext:tag` */
  @Column('text')
  sealed!: string;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  /** Time until which it signs beside a newer one. Null for the newest. */
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;
}
