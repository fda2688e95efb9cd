import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

export const LOGIN_METHODS = ['oauth', 'totp', 'password', 'api_key', 'manual'] as const;
export type LoginMethod = (typeof LOGIN_METHODS)[number];

export const SESSION_STATES = ['active', 'expiring', 'expired', 'closed'] as const;
export type SessionState = (typeof SESSION_STATES)[number];

/** A user's session at a broker. */
@Entity('trading_sessions')
@Unique('uq_trading_sessions_user_broker_account', ['userId', 'broker', 'account'])
@Index('idx_trading_sessions_active_user', { synchronize: false })
@Index('idx_trading_sessions_active_state_expiry', { synchronize: false })
@Check('ck_trading_sessions_login_method', `login_method IN ('oauth', 'totp', 'password', 'api_key', 'manual')`)
@Check('ck_trading_sessions_state', `state IN ('active', 'expiring', 'expired', 'closed')`)
@Check(
  'ck_trading_sessions_active',
  `is_active = (state IN ('active', 'expiring')) AND (is_active OR access_token_sealed IS NULL)`,
)
export class TradingSessionEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_trading_sessions' })
  id!: string;

  // By table name, because the entity belongs to another lib.
  @ForeignKey('users', { name: 'fk_trading_sessions_user', onDelete: 'CASCADE' })
  @Column('uuid')
  userId!: string;

  @Column('text')
  broker!: string;

  @Column('text')
  account!: string;

  /** `v1:kid:nonce:ct:tag`, bound to user, broker and account; null after the session has ended, and in a promoted region without its token. */
  @Column('text', { nullable: true })
  accessTokenSealed!: string | null;

  /** An HMAC, which reveals nothing without the key; null after the session was closed. */
  @Column('bytea', { nullable: true })
  tokenFingerprint!: Buffer | null;

  @Column('integer')
  tokenEpoch!: number;

  @Column('text')
  loginMethod!: LoginMethod;

  @Column('timestamptz')
  expiresAt!: Date;

  @Column('boolean')
  isActive!: boolean;

  @Column('text')
  state!: SessionState;

  @Column('jsonb', { default: {} })
  details!: Record<string, unknown>;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
