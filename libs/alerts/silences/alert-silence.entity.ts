import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Alerts that meet every given field are recorded and not sent until a time. `userId` null: those of the desk's rules. */
@Entity('alert_silences')
@Index('idx_alert_silences_user', ['userId', 'until'])
@Index('idx_alert_silences_rule', ['ruleId'])
@Check('ck_alert_silences_subject', `num_nonnulls(rule_id, instrument_id, ticker) > 0`)
export class AlertSilenceEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_alert_silences' })
  id!: string;

  // By name: the entity of users belongs to another lib.
  @ForeignKey('users', { name: 'fk_alert_silences_user', onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  userId!: string | null;

  @ForeignKey('alert_rules', { name: 'fk_alert_silences_rule', onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  ruleId!: string | null;

  @Column('uuid', { nullable: true })
  instrumentId!: string | null;

  /** In canonical form. */
  @Column('text', { nullable: true })
  ticker!: string | null;

  @Column('text', { default: '' })
  reason!: string;

  @Column('timestamptz')
  until!: Date;

  @Column('uuid')
  createdBy!: string;

  @Column('timestamptz', { default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  updatedAt!: Date;
}
