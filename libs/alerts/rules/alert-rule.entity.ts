import type { Severity } from './alert-rule.js';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { Condition } from '../conditions/condition.js';
import type { QuietHours } from './quiet-hours.js';

/** A rule of a user, of the desk (`userId` null), or built in for one type of operator event. */
@Entity('alert_rules')
@Unique('uq_alert_rules_built_in', ['builtIn'])
@Index('idx_alert_rules_user', ['userId', 'id'])
@Check('ck_alert_rules_severity', `severity IN ('info', 'warning', 'critical')`)
@Check('ck_alert_rules_built_in', `built_in IS NULL OR user_id IS NULL`)
export class AlertRuleEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_alert_rules' })
  id!: string;

  // By name: the entity of users belongs to another lib.
  @ForeignKey('users', { name: 'fk_alert_rules_user', onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  userId!: string | null;

  /** The type of operator event of a built-in rule. */
  @Column('text', { nullable: true })
  builtIn!: string | null;

  @Column('text')
  name!: string;

  @Column('boolean', { default: true })
  enabled!: boolean;

  /** Why the desk has switched it off; null: it has not. */
  @Column('text', { nullable: true })
  switchedOff!: string | null;

  @Column('text')
  severity!: Severity;

  @Column('jsonb')
  condition!: Condition;

  /** Program size of the patterns of the condition, in instructions. */
  @Column('integer', { default: 0 })
  patternSize!: number;

  /** Ids of endpoints. */
  @Column('uuid', { array: true, default: () => `'{}'` })
  channels!: string[];

  @Column('jsonb', { nullable: true })
  quietHours!: QuietHours | null;

  /** 0: every match is a separate alert. */
  @Column('integer', { default: 0 })
  dedupeSeconds!: number;

  /** Matches with the same values in these fields are equal; by the title if empty. */
  @Column('text', { array: true, default: () => `'{}'` })
  dedupeBy!: string[];

  @Column('text', { nullable: true })
  titleTemplate!: string | null;

  @Column('text', { nullable: true })
  bodyTemplate!: string | null;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
