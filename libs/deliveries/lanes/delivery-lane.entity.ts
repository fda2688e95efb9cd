import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { CircuitState, LaneMode, MessageFormat } from './lane.js';

/** The lane of one endpoint: its limits and its health. */
@Entity('delivery_lanes')
@Index('idx_delivery_lanes_user', ['userId'])
@Check('ck_delivery_lanes_format', `format IN ('generic', 'slack', 'discord', 'teams', 'telegram', 'text')`)
@Check('ck_delivery_lanes_mode', `mode IN ('normal', 'held', 'probing', 'recovering')`)
@Check('ck_delivery_lanes_circuit', `circuit IN ('closed', 'open', 'half-open')`)
@Check('ck_delivery_lanes_limits', `concurrency > 0 AND rate_per_second > 0`)
export class DeliveryLaneEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_delivery_lanes' })
  endpointId!: string;

  @Column('text')
  channel!: string;

  @Column('text')
  format!: MessageFormat;

  @ForeignKey('users', { name: 'fk_delivery_lanes_user', onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  userId!: string | null;

  @Column('boolean')
  operator!: boolean;

  @Column('integer')
  concurrency!: number;

  @Column('double precision', { nullable: true })
  ratePerSecond!: number | null;

  @Column('text', { nullable: true })
  minSeverity!: string | null;

  @Column('text', { default: 'normal' })
  mode!: LaneMode;

  @Column('timestamptz', { default: () => 'now()' })
  modeSince!: Date;

  @Column('text', { nullable: true })
  holdReason!: string | null;

  @Column('text', { default: 'closed' })
  circuit!: CircuitState;

  @Column('timestamptz', { default: () => 'now()' })
  circuitSince!: Date;

  /** Earliest time of the next probe while the circuit is not closed. */
  @Column('timestamptz', { nullable: true })
  probeAt!: Date | null;

  @Column('integer', { default: 0 })
  failuresInRow!: number;

  /** A delivery has succeeded since the circuit last closed. Until then fewer deliveries are sent at once. */
  @Column('boolean', { default: false })
  proven!: boolean;

  /** Content of the token bucket at tokensAt. */
  @Column('double precision', { default: 0 })
  tokens!: number;

  @Column('timestamptz', { default: '-infinity' })
  tokensAt!: Date;

  /** Transaction of the last claim. A snapshot that does not see it must not count this lane's deliveries in flight. */
  @Column('bigint', { default: 3 })
  claimXid!: string;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;
}
