import { Injectable } from '@nestjs/common';
import { Database } from '#database';
import { recordEventsSql } from '#events';
import { uuid7 } from '#ids';
import type { AuditFilter, AuditRecord, NewAuditRecord } from './audit-record.js';
import { securityEventOf, SecurityActRecorded } from './security-event.js';

const COLUMNS = `id, action, actor_id AS "actorId", actor_via AS "actorVia", credential_id AS "credentialId",
  subject_kind AS "subjectKind", subject_id AS "subjectId", owner_id AS "ownerId", host(address) AS address,
  correlation_id AS "correlationId", before, after, count, occurred_at AS "occurredAt"`;

/** One statement, so that a record and its event exist both or not at all. */
const INSERT = `
  WITH kept AS (
    INSERT INTO audit_records (action, actor_id, actor_via, credential_id, subject_kind, subject_id, owner_id, address,
      correlation_id, before, after)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id, owner_id, actor_id, correlation_id
  ), ${recordEventsSql(`
    SELECT $12::uuid, '${SecurityActRecorded.type}', ${SecurityActRecorded.version}, NULL::text,
      coalesce(owner_id, actor_id), NULL::uuid, correlation_id, NULL::uuid,
      $13::jsonb || jsonb_build_object('recordId', id), $14::timestamptz FROM kept`)}
  SELECT id FROM kept`;

/** All SQL of audit_records. */
@Injectable()
export class AuditRecordsRepository {
  constructor(private readonly database: Database) {}

  /** Adds a record, and an event for it. @returns the id of the record */
  async insert(record: NewAuditRecord): Promise<string> {
    const at = new Date();
    const [row] = await this.database.rows<{ id: string }>(INSERT, [
      record.action,
      record.actorId,
      record.actorVia,
      record.credentialId,
      record.subjectKind,
      record.subjectId,
      record.ownerId,
      record.address,
      record.correlationId,
      record.before === null ? null : JSON.stringify(record.before),
      record.after === null ? null : JSON.stringify(record.after),
      uuid7(at),
      JSON.stringify(securityEventOf(record)),
      at,
    ]);
    return row!.id;
  }

  /** Adds repetitions to rows. */
  async addCounts(counts: ReadonlyMap<string, number>): Promise<void> {
    await this.database.run(
      `UPDATE audit_records r SET count = r.count + n.count
       FROM unnest($1::uuid[], $2::integer[]) AS n (id, count) WHERE r.id = n.id`,
      [[...counts.keys()], [...counts.values()]],
    );
  }

  page({
    actor,
    subject,
    actions,
    correlationId,
    fromId,
    toId,
    after,
    oldestFirst,
    limit,
  }: AuditFilter): Promise<AuditRecord[]> {
    const params: unknown[] = [limit];
    const conditions = Database.conditions(params, [
      ['actor_id = ', actor, 'uuid'],
      ['action = ANY ', actions, 'text[]'],
      ['correlation_id = ', correlationId, 'text'],
      ['id >= ', fromId, 'uuid'],
      ['id < ', toId, 'uuid'],
      [oldestFirst ? 'id > ' : 'id < ', after, 'uuid'],
    ]);
    if (subject !== undefined) {
      const at = params.push(subject);
      conditions.push(`(subject_id = $${at}::text OR owner_id = $${at}::text::uuid)`);
    }
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    return this.database.rows<AuditRecord>(
      `SELECT ${COLUMNS} FROM audit_records ${where} ORDER BY id ${oldestFirst ? 'ASC' : 'DESC'} LIMIT $1`,
      params,
    );
  }
}
