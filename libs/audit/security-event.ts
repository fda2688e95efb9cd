import { z } from 'zod';
import { jsonObject } from '#schemas';
import { defineEvent } from '#events';
import { ACTOR_KINDS, type NewAuditRecord } from './audit-record.js';

/** A record of the audit trail was written. Its user is the owner of the subject, else the one who acted. */
export const SecurityActRecorded = defineEvent(
  'SecurityActRecorded',
  1,
  z.strictObject({
    recordId: z.uuid(),
    action: z.string(),
    actorId: z.uuid().nullable(),
    actorVia: z.enum(ACTOR_KINDS),
    credentialId: z.uuid().nullable(),
    subjectKind: z.string(),
    subjectId: z.string().nullable(),
    ownerId: z.uuid().nullable(),
    /** Null, too, if another user acted: owners do not learn the addresses of admins. */
    address: z.string().nullable(),
    before: jsonObject.nullable(),
    after: jsonObject.nullable(),
  }),
  { confidential: true },
);

/** The payload of the event of a record, without the id of the record. */
export function securityEventOf({ correlationId: _, address, ...record }: NewAuditRecord) {
  const { actorId, ownerId } = record;
  const byAnother = ownerId !== null && actorId !== null && actorId !== ownerId;
  return { ...record, address: byAnother ? null : address };
}
