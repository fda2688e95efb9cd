export { AuditRecordEntity } from './audit-record.entity.js';
