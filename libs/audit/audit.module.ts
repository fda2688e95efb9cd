import { Global, Inject, Module } from '@nestjs/common';
import { AuditTrail } from '#auth';
import { Retention } from '#background';
import { AuditLog } from './audit-log.service.js';
import { AuditRecordsRepository } from './audit-records.repository.js';
import { type AuditConfig, auditConfig } from './audit.config.js';
import { AuditController } from './audit.controller.js';
import { auditMetrics } from './audit.metrics.js';
import { RefusedSignIns } from './refused-sign-ins.js';

/** The audit trail. Global, because every lib that acts records by the port of `#auth`. */
@Global()
@Module({
  controllers: [AuditController],
  providers: [
    ...auditMetrics,
    AuditLog,
    AuditRecordsRepository,
    RefusedSignIns,
    { provide: AuditTrail, useExisting: AuditLog },
  ],
  exports: [AuditLog, AuditTrail],
})
export class AuditModule {
  constructor(retention: Retention, @Inject(auditConfig.token) { retentionMs }: AuditConfig) {
    retention.keep({ table: 'audit_records', column: 'id', type: 'uuid', ms: retentionMs });
  }
}
