import { isIP } from 'node:net';
import { Injectable, Logger, Optional } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { AuditTrail } from '#auth';
import { Database, Transactions } from '#database';
import { EventLog } from '#events';
import { callerAddress, correlationId } from '#telemetry';
import type { ActorKind, NewAuditRecord } from './audit-record.js';
import { AuditRecordsRepository } from './audit-records.repository.js';
import { FAILURES, RECORDS } from './audit.metrics.js';
import { RefusedSignIns } from './refused-sign-ins.js';
import { SecurityActRecorded } from './security-event.js';

type Act = Parameters<AuditTrail['record']>[number];
type Refused = Parameters<AuditTrail['refuse']>[0];

/** Writes the audit trail: a row in the transaction of the act, and a log line and a count once it is committed. */
@Injectable()
export class AuditLog extends AuditTrail {
  /** Actor outside of a request. The command line sets it when it starts. */
  outsideRequests: ActorKind = 'system';
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly records: AuditRecordsRepository,
    private readonly refusals: RefusedSignIns,
    private readonly transactions: Transactions,
    private readonly database: Database,
    @InjectMetric(RECORDS) private readonly counter: Counter<'action'>,
    @InjectMetric(FAILURES) private readonly failures: Counter,
    // Some tests run without the lib of events. Each record has an event all the same.
    @Optional() private readonly events?: EventLog,
  ) {
    super();
    // A counter that begins at 1 shows no increase to Prometheus; alert rules watch these two.
    for (const action of ['sign_in_refused', 'refresh_reused']) counter.inc({ action }, 0);
  }

  async record(...acts: Act[]): Promise<void> {
    for (const act of acts) {
      const record = this.recordOf(act);
      await this.records.insert(record).catch((error: unknown) => {
        this.failures.inc();
        throw error;
      });
      this.events?.count([SecurityActRecorded.type]);
      this.transactions.afterCommit(() => this.announce(record));
    }
  }

  async refuse({ reason, userId }: Refused): Promise<void> {
    const record = this.recordOf({
      action: 'sign_in_refused',
      subject: { kind: 'user', id: userId },
      ownerId: userId,
      after: { reason },
    });
    this.counter.inc({ action: record.action });
    try {
      const isFirst = await this.refusals.count(`${reason} ${userId} ${record.address}`, async () =>
        this.database.readOnly ? undefined : this.records.insert(record),
      );
      if (isFirst) this.log(record);
      if (isFirst && !this.database.readOnly) this.events?.count([SecurityActRecorded.type]);
    } catch (err) {
      this.failures.inc();
      this.logger.warn({ msg: 'could not record a refused sign-in', reason, err });
    }
  }

  private recordOf({ action, subject, ownerId = null, actor, before = null, after = null }: Act): NewAuditRecord {
    const { caller } = this;
    const address = callerAddress();
    const inRequest = address !== undefined;
    return {
      action,
      actorId: actor?.userId ?? caller?.userId ?? null,
      actorVia: actor ? 'login' : (caller?.via ?? (inRequest ? 'anonymous' : this.outsideRequests)),
      credentialId: actor?.credentialId ?? caller?.loginId ?? null,
      subjectKind: subject.kind,
      subjectId: subject.id,
      ownerId,
      address: inRequest && isIP(address.split('%')[0]!) !== 0 ? address.split('%')[0]! : null,
      correlationId: correlationId(),
      before,
      after,
    };
  }

  private announce(record: NewAuditRecord): void {
    this.counter.inc({ action: record.action });
    this.log(record);
  }

  private log(record: NewAuditRecord): void {
    this.logger.log({ msg: 'audit', ...record });
  }
}
