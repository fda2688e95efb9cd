import { Database } from '#database';
import type { TestApp } from '../setup/test-app.js';

/** Operations under these paths that change data and leave no record, with the reason. */
export const EXEMPT: Record<string, string> = {
  'post /v1/alert-rules/test': 'a dry run, which stores nothing',
  'post /v1/feeds/{id}/run': 'polls a feed early, which changes no setting',
  'post /v1/webhooks/{id}/test': 'sends one test message, which stores nothing',
  'post /v1/webhooks/{id}/replay': 'recorded when it sends a delivery again, which the tests of deliveries show',
};
export const AUDITED =
  /^\/v1\/(users|auth|alert-rules|alert-silences|feeds|webhooks|instruments\/imports|instruments\/mappings)(\/|$)/;

export type AuditedCalls = ReturnType<typeof auditedCalls>;

/** Calls of operations with the audit records that they leave. */
export function auditedCalls(desk: TestApp, adminToken: string) {
  /** Operations of the document that were called successfully. */
  const called = new Set<string>();
  const rows = <T = any>(sql: string, ...values: unknown[]) => desk.get(Database).rows<T>(sql, values);

  /** Calls an operation and returns its answer with the actions that the request recorded. */
  async function act(operation: string, ids: Record<string, string>, token?: string, body?: unknown, query = '') {
    const [method, template] = operation.split(' ') as [string, string];
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => ids[name]!) + query;
    const answer = await desk.request(method.toUpperCase(), path, {
      ...(token && { token }),
      ...(body !== undefined && { body }),
    });
    if (answer.status < 300) called.add(operation);
    const correlationId = answer.headers.get('x-correlation-id');
    const records = await rows(
      `SELECT action, actor_id AS "actorId", actor_via AS via, owner_id AS "ownerId", host(address) AS address, before, after
       FROM audit_records WHERE correlation_id = $1 ORDER BY id`,
      correlationId,
    );
    return { ...answer, records, actions: records.map(({ action }) => action as string) };
  }

  /** The answer of the list of audit records. */
  const audit = async (query: string) => (await desk.request('GET', `/v1/audit?${query}`, { token: adminToken })).body;

  return { act, audit, called, rows };
}
