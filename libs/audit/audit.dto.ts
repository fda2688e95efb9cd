import { z } from 'zod';
import { AuditTrail } from '#auth';
import { jsonObject, publishSchemas } from '#schemas';
import { pageOf, pageQuery } from '#http';
import { wireList, wireText } from '#text';
import { timestamp } from '#time';
import { ACTOR_KINDS, type AuditRecord } from './audit-record.js';

const auditAction = z.enum(AuditTrail.actions, { error: `one of ${AuditTrail.actions.join(', ')}` });

export const auditQuerySchema = z.strictObject({
  actorId: z.uuid({ error: 'the id of a user' }).optional().describe('The user who acted'),
  subjectId: z
    .uuid({ error: 'the id of a subject or of a user' })
    .optional()
    .describe('The subject, or the user who owns it'),
  action: wireList(auditAction).optional(),
  correlationId: wireText(200).optional().describe('Correlation id of the request'),
  from: timestamp.optional().describe('Records of this time or later'),
  to: timestamp.optional().describe('Records before this time'),
  sort: z
    .enum(['-occurredAt', 'occurredAt'], { error: '-occurredAt (newest first) or occurredAt' })
    .default('-occurredAt')
    .describe('-occurredAt: newest first'),
  ...pageQuery(z.uuid()),
});
export type AuditQuery = z.output<typeof auditQuerySchema>;

export const auditRecordSchema = z.object({
  id: z.uuid(),
  action: z.string(),
  actorId: z.uuid().nullable().describe('The user who acted'),
  actorVia: z.enum(ACTOR_KINDS),
  credentialId: z.uuid().nullable().describe('The login or API key of the actor'),
  subjectKind: z.string(),
  subjectId: z.string().nullable(),
  ownerId: z.uuid().nullable().describe('The user who owns the subject'),
  address: z.string().nullable().describe('Address of the client'),
  correlationId: z.string(),
  before: jsonObject.nullable(),
  after: jsonObject.nullable(),
  count: z.int().describe('Number of equal refusals of one minute in this record. 1 for other actions'),
  occurredAt: z.iso.datetime(),
});
export type AuditRecordView = z.output<typeof auditRecordSchema>;

export const auditPageSchema = pageOf(auditRecordSchema);

export function auditRecordView({ occurredAt, ...record }: AuditRecord): AuditRecordView {
  return { ...record, before: copy(record.before), after: copy(record.after), occurredAt: occurredAt.toISOString() };
}

function copy(values: Readonly<Record<string, unknown>> | null): Record<string, unknown> | null {
  return values === null ? null : { ...values };
}

publishSchemas({
  ActorKind: auditRecordSchema.shape.actorVia,
  AuditAction: auditAction,
  AuditPage: auditPageSchema,
  AuditRecord: auditRecordSchema,
});
