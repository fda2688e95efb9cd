import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { UserEntity } from '../user.entity.js';

/** One sign-in, and the owner of its refresh tokens. */
@Entity('logins')
@Index('idx_logins_user', ['userId'])
@Index('idx_logins_expires_at', ['expiresAt'])
export class LoginEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_logins' })
  id!: string;

  @Column('uuid')
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_logins_user' })
  user?: UserEntity;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  /** Time of the last refresh. */
  @Column('timestamptz', { default: () => 'now()' })
  lastUsedAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  /** logout, refresh_reuse, user_disabled, password_changed, ended_by_admin, ended_by_user, too_many_logins. */
  @Column('text', { nullable: true })
  revokeReason!: string | null;

  @Column('text', { nullable: true })
  userAgent!: string | null;

  /** The client's address. A user whose account is being guessed can still sign in from an address used before. */
  @Column('inet', { nullable: true })
  ip!: string | null;
}
