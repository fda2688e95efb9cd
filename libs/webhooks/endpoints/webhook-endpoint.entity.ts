import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Lane } from '#deliveries';
import type { EndpointState, StateReason } from './endpoint-health.js';

/** The target of alerts. Its id is also that of its delivery lane. */
@Entity('webhook_endpoints')
@Index('idx_webhook_endpoints_user', ['userId'])
@Index('idx_webhook_endpoints_probe', { synchronize: false })
@Check('ck_webhook_endpoints_format', `format IN ('generic', 'slack', 'discord', 'teams', 'telegram', 'text')`)
@Check('ck_webhook_endpoints_state', `state IN ('healthy', 'degraded', 'disabled')`)
@Check('ck_webhook_endpoints_reason', `(state = 'healthy') = (state_reason IS NULL)`)
@Check('ck_webhook_endpoints_severity', `min_severity IN ('info', 'warning', 'critical')`)
export class WebhookEndpointEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_webhook_endpoints' })
  id!: string;

  /** Null for an endpoint of the desk. */
  @ForeignKey('users', { name: 'fk_webhook_endpoints_user', onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  userId!: string | null;

  /** The origin only. */
  @Column('text')
  url!: string;

  /** Path and query, `v1:kid:nonce:ciphertext:tag`. Null in a row of an earlier version until the desk starts. */
  @Column('text', { nullable: true })
  sealedPath!: string | null;

  @Column('text', { default: '' })
  description!: string;

  @Column('text')
  format!: Lane['format'];

  @Column('boolean', { default: false })
  operator!: boolean;

  @Column('text', { nullable: true })
  minSeverity!: string | null;

  @Column('integer')
  concurrency!: number;

  @Column('double precision', { nullable: true })
  ratePerSecond!: number | null;

  /** Names of its headers in lower case. */
  @Column('text', { array: true, default: () => "'{}'" })
  headerNames!: string[];

  /** Its headers as JSON, `v1:kid:nonce:ciphertext:tag`. Null without headers. */
  @Column('text', { nullable: true })
  sealedHeaders!: string | null;

  @Column('text', { default: 'healthy' })
  state!: EndpointState;

  @Column('text', { nullable: true })
  stateReason!: StateReason | null;

  @Column('timestamptz', { default: () => 'now()' })
  stateSince!: Date;

  /** Time of the first failure since the last success. Null after a success. */
  @Column('timestamptz', { nullable: true })
  failingSince!: Date | null;

  /** Time of the next probe while disabled because of failures. */
  @Column('timestamptz', { nullable: true })
  probeAt!: Date | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
