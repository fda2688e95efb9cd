import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, Unique } from 'typeorm';
import { LoginEntity } from './login.entity.js';

/** One refresh token. Only its SHA-256 is stored. */
@Entity('refresh_tokens')
@Unique('uq_refresh_tokens_hash', ['tokenHash'])
@Index('idx_refresh_tokens_login', ['loginId'])
export class RefreshTokenEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_refresh_tokens' })
  id!: string;

  @Column('uuid')
  loginId!: string;

  @ManyToOne(() => LoginEntity, { onDelete: 'CASCADE', nullable: false })
  @JoinColumn({ name: 'login_id', foreignKeyConstraintName: 'fk_refresh_tokens_login' })
  login?: LoginEntity;

  @Column('bytea')
  tokenHash!: Buffer;

  @Column('timestamptz', { default: () => 'now()' })
  issuedAt!: Date;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('timestamptz', { nullable: true })
  usedAt!: Date | null;

  /** Its successor. No foreign key: the tokens of a login are deleted with it. */
  @Column('uuid', { nullable: true })
  replacedBy!: string | null;
}
