import { Check, Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import type { Role } from '../role.js';
import { UserEntity } from '../user.entity.js';

/** An API key. Only its SHA-256 is stored. */
@Entity('api_keys')
@Unique('uq_api_keys_prefix', ['prefix'])
@Index('idx_api_keys_user', ['userId'])
@Check('ck_api_keys_roles', `cardinality(roles) > 0 AND roles <@ ARRAY['viewer', 'trader', 'operator', 'admin']`)
export class ApiKeyEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_api_keys' })
  id!: string;

  @Column('uuid')
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_api_keys_user' })
  user?: UserEntity;

  @Column('text')
  name!: string;

  /** The default is the hash of no key: replication withholds the column. */
  @Column('bytea', { default: () => `decode(repeat('00', 32), 'hex')` })
  keyHash!: Buffer;

  /** The part of the key that identifies the row and is shown in lists. */
  @Column('text')
  prefix!: string;

  /** Maximum roles of the key; it never reaches above the current roles of its owner. */
  @Column('text', { array: true })
  roles!: Role[];

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  /** Precise to the minute. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt!: Date | null;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;
}
