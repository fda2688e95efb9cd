import type { Severity } from '../rules/alert-rule.js';
import { Check, Column, Entity, Index, PrimaryColumn, Unique } from 'typeorm';

/** An alert that a rule raised. No foreign keys: it outlives its rule, event and user. */
@Entity('alerts')
@Unique('uq_alerts_rule_event', ['ruleId', 'eventId'])
@Index('idx_alerts_user', ['userId', 'id'])
@Index('idx_alerts_open', { synchronize: false })
@Index('idx_alerts_tickers', { synchronize: false })
@Index('idx_alerts_correlation', ['correlationId', 'id'])
@Check('ck_alerts_severity', `severity IN ('info', 'warning', 'critical')`)
export class AlertEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_alerts' })
  id!: string;

  @Column('uuid')
  ruleId!: string;

  @Column('text')
  ruleName!: string;

  /** Owner of the rule; null: the desk. */
  @Column('uuid', { nullable: true })
  userId!: string | null;

  @Column('uuid')
  eventId!: string;

  @Column('text')
  eventType!: string;

  @Column('text')
  severity!: Severity;

  @Column('text')
  title!: string;

  @Column('text')
  body!: string;

  @Column('jsonb')
  links!: unknown;

  @Column('jsonb')
  fields!: unknown;

  /** Number of matching events, including those within its dedupe window. */
  @Column('integer', { default: 1 })
  count!: number;

  @Column('uuid')
  lastEventId!: string;

  @Column('timestamptz')
  raisedAt!: Date;

  @Column('timestamptz')
  lastAt!: Date;

  /** End of the quiet hours in which it was raised. */
  @Column('timestamptz', { nullable: true })
  deferredUntil!: Date | null;

  /** Why no message can be made of it. */
  @Column('text', { nullable: true })
  unformattable!: string | null;

  @Column('text', { nullable: true })
  correlationId!: string | null;

  /** The instrument of the event. */
  @Column('uuid', { nullable: true })
  instrumentId!: string | null;

  /** Tickers that the event names, in canonical form. */
  @Column('text', { array: true, default: () => `'{}'` })
  tickers!: string[];

  /** The silence by which it is not sent. It may have ended. */
  @Column('uuid', { nullable: true })
  silencedBy!: string | null;

  @Column('timestamptz', { nullable: true })
  acknowledgedAt!: Date | null;

  @Column('uuid', { nullable: true })
  acknowledgedBy!: string | null;
}
