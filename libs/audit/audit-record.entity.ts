import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { ActorKind } from './audit-record.js';

/** Who did what. Without foreign keys: a row outlives its users and subjects. */
@Entity('audit_records')
@Index('idx_audit_records_action', ['action', 'id'])
@Index('idx_audit_records_actor', ['actorId', 'id'])
@Index('idx_audit_records_subject', ['subjectId', 'id'])
@Index('idx_audit_records_owner', ['ownerId', 'id'])
@Index('idx_audit_records_correlation', ['correlationId', 'id'])
@Check('ck_audit_records_via', `actor_via IN ('login', 'api_key', 'anonymous', 'command_line', 'system')`)
export class AuditRecordEntity {
  @PrimaryColumn('uuid', { default: () => 'uuidv7()', primaryKeyConstraintName: 'pk_audit_records' })
  id!: string;

  @Column('text')
  action!: string;

  @Column('uuid', { nullable: true })
  actorId!: string | null;

  @Column('text')
  actorVia!: ActorKind;

  @Column('uuid', { nullable: true })
  credentialId!: string | null;

  @Column('text')
  subjectKind!: string;

  @Column('text', { nullable: true })
  subjectId!: string | null;

  @Column('uuid', { nullable: true })
  ownerId!: string | null;

  @Column('inet', { nullable: true })
  address!: string | null;

  @Column('text')
  correlationId!: string;

  @Column('jsonb', { nullable: true })
  before!: Record<string, unknown> | null;

  @Column('jsonb', { nullable: true })
  after!: Record<string, unknown> | null;

  @Column('integer', { default: 1 })
  count!: number;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  occurredAt!: Date;
}
