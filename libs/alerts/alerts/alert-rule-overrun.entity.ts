import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';

/** The number of events on which a rule exceeded its time, within 24 hours. */
@Entity('alert_rule_overruns')
export class AlertRuleOverrunEntity {
  @ForeignKey('alert_rules', { name: 'fk_alert_rule_overruns_rule', onDelete: 'CASCADE' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_alert_rule_overruns' })
  ruleId!: string;

  @Column('integer')
  events!: number;

  @Column('timestamptz', { default: () => 'now()' })
  since!: Date;
}
