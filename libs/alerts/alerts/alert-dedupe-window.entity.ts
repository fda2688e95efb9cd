import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The alert on which equal matches of a rule are counted, and the end of the window. */
@Entity('alert_dedupe_windows')
@Index('idx_alert_dedupe_windows_until', ['until'])
export class AlertDedupeWindowEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'pk_alert_dedupe_windows' })
  ruleId!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'pk_alert_dedupe_windows' })
  key!: string;

  @Column('uuid')
  alertId!: string;

  @Column('timestamptz')
  until!: Date;
}
