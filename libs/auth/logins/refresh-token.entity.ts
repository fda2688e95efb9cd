import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { AuthSessionEntity } from './auth-session.entity.js';

/** One refresh token, used at most once. Only its SHA-256 is kept. */
@Entity('refresh_tokens')
@Unique('uq_refresh_tokens_hash', ['tokenHash'])
@Index('idx_refresh_tokens_session', ['authSessionId'])
export class RefreshTokenEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_refresh_tokens' })
  id!: string;

  @Column('uuid')
  authSessionId!: string;

  @ManyToOne(() => AuthSessionEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'auth_session_id', foreignKeyConstraintName: 'fk_refresh_tokens_session' })
  authSession?: AuthSessionEntity;

  @Column('bytea')
  tokenHash!: Buffer;

  @Column('timestamptz', { default: () => 'now()' })
  issuedAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  usedAt!: Date | null;

  /** The token given out for this one. No foreign key: a family goes as a whole, by its session. */
  @Column('uuid', { nullable: true })
  replacedBy!: string | null;
}
