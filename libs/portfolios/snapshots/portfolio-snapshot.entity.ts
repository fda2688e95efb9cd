import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { UserEntity } from '#auth/entities';

/** The current state of a portfolio: its newest snapshot, marked to the newest quotes. */
@Entity('portfolio_snapshots')
@Index('idx_portfolio_snapshots_broker_time', ['broker', 'asOf'])
@Index('idx_portfolio_snapshots_user', ['userId', 'portfolioId'])
@Index('idx_portfolio_snapshots_keys', { synchronize: false })
export class PortfolioSnapshotEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'uq_portfolio_snapshots_portfolio' })
  portfolioId!: string;

  @Column('uuid')
  userId!: string;

  @ManyToOne(() => UserEntity, { onDelete: 'NO ACTION' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_portfolio_snapshots_user' })
  user?: UserEntity;

  @Column('text')
  broker!: string;

  @Column('text')
  account!: string;

  @Column('text')
  currency!: string;

  @Column('numeric')
  cash!: string;

  /** Cash by currency, if the snapshot says it so; `cash` is 0 then. */
  @Column('jsonb', { default: [] })
  cashBalances!: unknown[];

  /** The broker's own value of the portfolio. */
  @Column('numeric', { nullable: true })
  givenValue!: string | null;

  @Column('numeric', { nullable: true })
  givenDayPnl!: string | null;

  @Column('numeric', { nullable: true })
  dayFees!: string | null;

  /** Venue of positions that name none. */
  @Column('text', { nullable: true })
  venue!: string | null;

  /** When the day of this portfolio begins, if not when that of its venue does. */
  @Column('jsonb', { nullable: true })
  dayRoll!: { timeZone: string; at: string } | null;

  /** As sent, with `pricedAt` in UTC. A position is identified by `key` and `leg`. */
  @Column('jsonb')
  positions!: unknown[];

  /** Number of positions, for the quota of their owner. */
  @Column('integer')
  positionCount!: number;

  /** Each key once, in the order of their bytes. */
  @Column('text', { array: true })
  positionKeys!: string[];

  /** SHA-256 of what the client sent. Distinguishes a repeated call from another snapshot with the same time. */
  @Column('bytea')
  contentDigest!: Buffer;

  @Column('timestamptz')
  asOf!: Date;

  /** When the portfolio was closed: it is in no total any more. */
  @Column('timestamptz', { nullable: true })
  closedAt!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
