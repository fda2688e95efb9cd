import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { AuditLog } from '#audit';
import { Database, Transactions } from '#database';
import { auditTrailContract, type KeptAct } from '../../contracts/audit-trail.contract.js';
import { testModule, type TestModule } from '../../setup/test-module.js';

describe('AuditLog', () => {
  let desk: TestModule;
  beforeAll(async () => {
    desk = await testModule([]);
  });
  afterAll(() => desk.close());

  auditTrailContract('the database', async () => {
    const database = desk.get(Database);
    return {
      trail: desk.get(AuditLog),
      atomic: (work) => desk.get(Transactions).atomic(work),
      kept: (subjectId) =>
        database.rows<KeptAct>(
          `SELECT action, actor_id AS "actorId", subject_kind AS "subjectKind", subject_id AS "subjectId",
             owner_id AS "ownerId", before, after, count FROM audit_records WHERE subject_id = $1 ORDER BY id`,
          [subjectId],
        ),
      breakStore: async () => {
        await database.run('ALTER TABLE audit_records RENAME TO audit_records_away');
        return async () => void (await database.run('ALTER TABLE audit_records_away RENAME TO audit_records'));
      },
    };
  });

  it('AuditLog counts each operation that it could not record', async () => {
    const { values } = await desk.get<Counter>(getToken('audit_failures_total')).get();
    expect(values).toEqual([{ labels: {}, value: 2 }]);
  });
});
